"""The tickets of Clearline IT."""

from server.demo.content.shapes import Job, Photo, fee, labour, part

TICKETS = (
    Job(
        "dental-backup", 30, "dental", "dental-server", "closed", "tech2", "Backup reports errors since Monday.", "Target volume full: weekly sets were never pruned.",
        "Retention set to eight weeks, old sets removed, restore of one patient folder tested.", tasks=(("Read the backup log", 15), ("Prune old sets", 30), ("Test a restore", 30)),
        lines=(labour("Remote session", 1.25, 9500),), photos=(Photo("screenshot", "disk:bad", "Volume full"), Photo("screenshot", "disk:good", "After pruning")), service_type="Backup",
    ),
    Job(
        "law-mail", 21, "law", "law-laptop", "closed", "tech2", "Outgoing mail ends in the recipients' spam.", "SPF record still names the old provider, no DKIM.",
        "SPF corrected, DKIM signed, DMARC reports to us. Checked with three providers.", tasks=(("Check DNS records", 20), ("Set DKIM", 30)), lines=(labour("Remote session", 1, 9500),), service_type="Mail",
    ),
    Job(
        "architects-ram", 16, "architects", "architects-ws", "closed", "tech1", "Rendering stops with out of memory.", "32 GB, swap on a slow disk.", "Memory doubled on site, swap moved. Scene renders in 14 min.",
        tasks=(("Fit memory", 20), ("Test render", 30)), lines=(labour("On site", 1, 11500), part("ram-16", 2)), service_type="Hardware",
    ),
    Job("tess-wifi", 12, "tess", "tess-mac", "canceled", "tech2", "Wi-Fi drops every evening.", reason="Neighbour's microwave; solved itself when they moved.", service_type="Network"),
    Job(
        "school-ap", 6, "school", "school-ap", "ready", "tech1", "No Wi-Fi in the library.", "Access point hung after the update of the controller.", "Adopted again, firmware pinned, channel plan checked.",
        tasks=(("Adopt again", 20), ("Check channels", 20)), lines=(labour("Remote session", 0.75, 9500),), photos=(Photo("screenshot", "network:good"),), promised=0, service_type="Network",
    ),
    Job(
        "dental-phish", 3, "dental", "dental-desk2", "qc", "tech2", "Opened an attachment that looked like an invoice. Screen went black for a moment.", "Macro blocked by policy, nothing ran. Credentials reset all the same.",
        "Scanned offline, passwords of two accounts changed, sessions ended.", tasks=(("Isolate the desktop", 10), ("Offline scan", 60), ("Reset credentials", 20)), lines=(labour("Emergency session", 1.5, 12500),),
        notes=(("tech2", "Practice has to decide about the report to the authority. Draft is with Dr. Reuter."),), photos=(Photo("screenshot", "error:bad", "What she saw", visible=False),), priority="urgent", promised=0, service_type="Security",
    ),
    Job(
        "bakery-vpn", 1, "bakery", "bakery-router", "in_progress", "tech1", "Branch in the station cannot reach the head office since the line was changed.", "New line has a private address, tunnel must be opened from the branch.",
        tasks=(("Turn the tunnel round", 30), ("Renew keys", 10), ("Test from two tills", 15)), done=1, lines=(labour("Remote session", 1, 9500),), photos=(Photo("screenshot", "network:bad", "No path to 10.20.0.0"),), priority="high", promised=0, service_type="Network",
    ),
    Job(
        "law-nas-disk", 4, "law", "law-nas", "waiting_parts", "tech2", "NAS beeps.", "Disk 3 degraded, 412 reallocated sectors. Array still whole.", tasks=(("Read SMART", 10), ("Change disk 3", 20), ("Watch the rebuild", 30)), done=1,
        lines=(labour("On site", 1, 11500), fee("Disk 8 TB, ordered", 21900)), notes=(("parts", "Disk comes on Thursday."),), priority="high", promised=2, service_type="Hardware",
    ),
    Job(
        "architects-plotter", 5, "architects", "architects-plotter", "waiting_approval", "tech1", "Plots have white stripes.", "Print head 2 at its end after 5 years. New one, or clean for a few weeks.",
        tasks=(("Replace print head", 30),), lines=(labour("On site", 0.75, 11500), fee("Print head", 17900)), promised=4, service_type="Printing",
    ),
    Job("bakery-till", 2, "bakery", "bakery-till", "diagnosing", "tech1", "Till 3 forgets the articles each morning.", tasks=(("Read the till's log", 20),), priority="high", promised=1, service_type="Tills"),
    Job("school-tablets", 8, "school", None, "on_hold", "tech2", "Set up 24 tablets for class 7.", tasks=(("Image", 60), ("Roll out", 90)), lines=(labour("Set-up", 4, 8500),), reason="School wants it done in the holidays.", promised=20, service_type="Roll-out"),
    Job("tess-new", 0, "tess", "tess-mac", "new", None, "Photos from the old laptop should come over, 180 GB. When would there be time?", promised=6, service_type="Migration"),
)  # fmt: skip
