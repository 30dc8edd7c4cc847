"""Work that lies on the benches of Harbour Repair today."""

from server.demo.content.shapes import Job, Photo, fee, labour, part

DISPOSAL = fee("Oil disposal", 350)

OPEN = (
    # Ready to be picked up.
    Job(
        "ada-mower-service", 8, "ada", "ada-mower", "ready", "tech1", "Hard to start after the winter, smells of petrol. Please do the yearly service as well.",
        "Float needle leaks, plug fouled, deck packed with wet grass. Blade nicked but straight.",
        "Float needle and plug new, oil changed, deck scraped and oiled, blade sharpened. Starts on the first pull.",
        tasks=(("Clean carburettor, new float needle", 45), ("Change oil and plug", 20), ("Scrape and oil the deck", 20), ("Sharpen blade", 15), ("Test run", 10)),
        lines=(labour("Yearly service", 1.5), part("plug-bpr6es"), part("oil-10w30"), part("filter-gcv"), DISPOSAL),
        notes=(("tech1", "Throttle cable will not last another year. Told her on the phone."),),
        photos=(Photo("before", "deck:bad", "Packed with wet grass"), Photo("after", "deck:good", "Scraped and oiled"), Photo("damage", "plug:bad", "Fouled plug"), Photo("during", "carb:bad", "Only for us: needle seat", visible=False)),
        promised=0, service_type="Service", bay="1", area="West",
    ),
    Job(
        "carla-ebike-range", 7, "carla", "carla-ebike", "ready", "tech2", "Battery lasts 20 km, used to be 60.",
        "Two cell groups low, battery at 52 % of its capacity. Charger fine.", "Battery reconditioned by the maker under warranty, software updated. 61 km on the test bench.",
        tasks=(("Read out the battery", 20), ("Send to the maker", 15), ("Update software", 15), ("Test bench", 30)), lines=(labour("Battery diagnosis", 0.75, 5900),),
        notes=(("tech2", "Warranty case 88-20931. Report is in the mail."),), promised=-1, service_type="Warranty", bay="5",
    ),
    Job(
        "cargo1-service", 4, "couriers", "cargo-1", "ready", "tech2", "Quarterly service, chain skips under load.",
        "Chain at 1.2 %, cassette worn with it. Rear pads at half.", "Chain, cassette new, rear pads moved to spare. Cargo box bolts retorqued.",
        tasks=(("Quarterly list", 50), ("Chain and cassette", 30), ("Torque cargo box", 10)), lines=(labour("Quarterly service", 1.5, 5900), part("chain-cn11"), part("cassette-11")),
        photos=(Photo("before", "drivetrain:bad", "Shark teeth"), Photo("after", "drivetrain:good")), promised=0, priority="high", service_type="Service", bay="4", tags=("fleet",),
    ),
    Job(
        "isabel-trimmer", 5, "isabel", "isabel-trimmer", "ready", "tech1", "Throttle sticks, string head wobbles.",
        "Head cracked at the thread, cable dry.", "New head, cable oiled. Balanced.", tasks=(("New string head", 15), ("Oil the cable", 10)),
        lines=(labour("Brush cutter repair", 0.5), fee("String head", 2890)), promised=1, service_type="Repair", bay="2",
    ),
    # Waits for somebody to check it.
    Job(
        "dirk-ride-on", 6, "dirk", "dirk-tractor", "qc", "tech1", "Deck does not engage, squeals. Yearly service while it is here.",
        "Deck belt torn, tensioner arm dry.", "Belt new, tensioner freed and greased, service done. Engages cleanly at all heights.",
        tasks=(("Replace deck belt", 40), ("Free the tensioner", 20), ("Yearly service", 45)), lines=(labour("Deck and service", 2), part("belt-sabo43"), part("oil-10w30", 2), DISPOSAL),
        photos=(Photo("before", "belt:bad", "Torn at the splice"), Photo("after", "belt:good")), promised=1, service_type="Service", bay="1",
    ),
    Job(
        "rita-ebike", 3, "rita", "rita-ebike", "qc", "tech2", "Cuts out on bumps.", "Plug on the motor corroded, pin 3 green.", "Plug cleaned, contact grease, strain relief new. 5 km on cobbles without a cut.",
        tasks=(("Find the loose contact", 40), ("Renew plug", 20), ("Test ride on cobbles", 20)), lines=(labour("Electrics", 1.25, 5900),), promised=0, priority="high", service_type="Repair", bay="5",
    ),
    # On the bench.
    Job(
        "town-blower", 4, "municipal", "town-blower", "in_progress", "tech1", "Will not start since the leaves came down.",
        "Fuel line split at the grommet, carburettor dry.", tasks=(("Replace fuel line", 25), ("Carburettor kit", 40), ("Tune under load", 20), ("Clean the air filter", 10)), done=2,
        lines=(labour("Fuel system", 1.25), part("fuelline", 0.4), part("carbkit-wt")), notes=(("writer", "Order number 2026-1302. They have two more of these, ask for a look in spring."),),
        photos=(Photo("damage", "fuelline:bad", "Split at the grommet"),), priority="high", promised=1, service_type="Repair", bay="2", tags=("contract",),
    ),
    Job(
        "sven-outboard", 5, "sven", "sven-outboard", "in_progress", "tech1", "Overheats after ten minutes, no water from the telltale.",
        "Impeller has lost three vanes, pieces in the cooling passage.", tasks=(("Lower unit off", 40), ("New impeller", 30), ("Flush the passages", 45), ("Run in the barrel", 30)), done=2,
        lines=(labour("Water pump", 2.25), fee("Impeller kit", 4450)), notes=(("tech1", "Found two of the three vanes. One still in there somewhere, flush from the top."),), promised=2, service_type="Repair", bay="3",
    ),
    Job(
        "cargo-brakes", 1, "couriers", "cargo-3", "in_progress", "tech2", "Rear brake has no bite, oil on the rotor.",
        "Piston seal weeps, pads soaked.", tasks=(("Caliper off and cleaned", 20), ("New caliper", 30), ("Pads and rotor", 20), ("Bleed", 25)), done=1,
        lines=(labour("Rear brake", 1.5, 5900), part("pads-mt"), fee("Caliper", 6990)), photos=(Photo("before", "pads:bad", "Soaked with oil"),), priority="urgent", promised=0, service_type="Repair", bay="4", tags=("fleet",),
    ),
    Job(
        "ada-bike-wheel", 2, "ada", "ada-bike", "in_progress", "tech2", "Hit the kerb, rear wheel wobbles and rubs.",
        "Rim bent, four spokes loose. Rim cannot be saved.", tasks=(("Build the wheel on a new rim", 60), ("Brake cable, it was frayed", 20), ("Test ride", 10)), done=1,
        lines=(labour("Wheel building", 1.25, 5900), part("rim-28"), part("cable-set")), notes=(("tech2", "She asked to keep the old reflectors."),),
        photos=(Photo("before", "wheel:bad", "Bent at the valve"), Photo("during", "wheel:good", "Laced, not yet trued")), promised=1, service_type="Repair", bay="5", area="West",
    ),
    Job(
        "forest-462", 3, "forestry", "forest-saw-1", "in_progress", "tech1", "Loses power when hot, chain brake weak.",
        "Air filter oiled up, brake band thin.", tasks=(("Clean air path", 20), ("New brake band", 30), ("Sharpen chain", 15)), done=2,
        lines=(labour("Saw service", 1.25), fee("Brake band", 1890), part("chain-325-64")), photos=(Photo("before", "filter:bad"), Photo("during", "saw:good")), promised=1, service_type="Repair", bay="2",
    ),
    Job(
        "nils-generator", 2, "nils", "nils-generator", "in_progress", "tech2", "Runs but gives no current.", "Inverter cold, stator fine. Capacitor on the board swollen.",
        tasks=(("Measure the stator", 20), ("Renew capacitors", 45), ("Load test 30 min", 30)), done=1, lines=(labour("Electronics", 1.75), fee("Capacitor set", 1450)),
        photos=(Photo("before", "generator:bad"),), promised=3, service_type="Repair", bay="3",
    ),
    # Waits for parts.
    Job(
        "camp-pump", 11, "camping", "camp-pump", "waiting_parts", "tech1", "Casing cracked by the frost, we need it for the season.", "Casing cracked through, impeller and seal fine.",
        tasks=(("Strip the pump", 30), ("Fit new casing", 45), ("Pressure test", 20)), done=1, lines=(labour("Pump casing", 1.75), fee("Casing, ordered", 8900)),
        notes=(("parts", "Casing ordered on Monday, eight working days."),), photos=(Photo("damage", "pump:bad", "Crack below the outlet"),), promised=4, service_type="Repair", bay="3",
    ),
    Job(
        "frank-tiller", 9, "frank", "frank-tiller", "waiting_parts", "tech1", "Jumps out of second gear.", "Selector fork worn, detent spring broken.",
        tasks=(("Open the gearbox", 60), ("Fork and spring", 45), ("Close and fill", 30)), done=1, lines=(labour("Gearbox", 2.5), fee("Selector fork, ordered", 5420)), promised=6, service_type="Repair", bay="3",
    ),
    Job(
        "greta-dynamo", 4, "greta", "greta-bike", "waiting_parts", "tech2", "Front light flickers, hub feels rough.", "Hub dynamo bearing worn, not to be had alone.",
        tasks=(("New hub dynamo wheel", 45),), lines=(labour("Front wheel", 0.75, 5900), fee("Hub dynamo wheel, ordered", 11900)), promised=3, service_type="Repair", bay="5",
    ),
    # Waits for the customer's word.
    Job(
        "boris-rebuild", 5, "boris", "boris-saw", "waiting_approval", "tech1", "No compression, will not start.", "Cylinder scored on the exhaust side, piston ring stuck. Ran lean: intake boot torn.",
        tasks=(("Cylinder and piston", 90), ("Intake boot", 20), ("Run in", 30)), lines=(labour("Top end", 2.5), fee("Cylinder kit", 16900), part("plug-bpmr7a")),
        notes=(("writer", "Called twice, mailbox. He is at sea until Friday."),), photos=(Photo("damage", "engine:bad", "Scored on the exhaust side"),), promised=7, service_type="Repair", bay="2",
    ),
    Job(
        "elif-drivetrain", 3, "elif", "elif-bike", "waiting_approval", "tech2", "Chain falls off when folding.", "Tensioner arm bent, chain stretched, sprocket hooked.",
        tasks=(("Tensioner", 20), ("Chain and sprocket", 25)), lines=(labour("Drivetrain", 0.75, 5900), fee("Tensioner", 5490), part("pads-mt", declined=True)), promised=4, service_type="Repair", bay="5",
    ),
    Job(
        "mona-blower-2", 2, "mona", "mona-blower", "waiting_approval", "tech1", "Strap hook broken off, starts badly again.", "Hook broken out of the housing. Needs a new back plate, or a weld that will not last.",
        lines=(labour("Back plate", 0.75), fee("Back plate", 4890)), photos=(Photo("damage", "engine:bad", "Broken hook", visible=False),), service_type="Repair", bay="2",
    ),
    # May begin.
    Job(
        "karin-blade", 3, "karin", "karin-mower", "approved", "tech1", "Vibrates badly since it hit a root.", "Blade bent, crankshaft straight within 0.1 mm.",
        tasks=(("New blade and boss", 25), ("Check run-out", 10)), lines=(labour("Blade", 0.5), part("blade-46")), photos=(Photo("damage", "blade:bad", "Bent 12 mm"),), promised=2, service_type="Repair",
    ),
    Job(
        "olga-brakes", 2, "olga", "olga-bike", "approved", "tech2", "Brakes front and back do not hold in the rain.", "Rim pads hard as stone, cables corroded.",
        tasks=(("Pads front and rear", 20), ("Cables", 30)), lines=(labour("Brakes", 0.8, 5900), part("cable-set", 2)), promised=2, service_type="Repair",
    ),
    # Somebody is looking for what is wrong.
    Job(
        "leo-noise", 1, "leo", "leo-gravel", "diagnosing", "tech2", "Creaks from below when climbing. Not from the seat, I checked.",
        tasks=(("Bottom bracket out", 20), ("Check the crank", 10)), photos=(Photo("before", "bike:good"),), promised=3, service_type="Repair", bay="5",
    ),
    Job(
        "jan-washer-2", 1, "jan", "jan-washer", "diagnosing", "tech1", "Motor hums but does not turn.", tasks=(("Measure capacitor and windings", 25),), priority="high", promised=3, service_type="Repair", bay="1",
    ),
    # Rests.
    Job(
        "town-stiga-2", 10, "municipal", "town-mower-1", "on_hold", "tech1", "Hydraulics leak at the lift.", "Ram seal gone. Yard wants to decide in December whether the mower stays.",
        tasks=(("Lift off and clean", 30), ("Seal kit", 60)), done=1, lines=(labour("Lift ram", 1.75),), reason="Works yard decides in December whether it keeps the mower.", service_type="Repair", bay="1", tags=("contract",),
    ),
    # Came in today.
    Job("hanno-new", 0, "hanno", "hanno-mower", "new", None, "The one from the cellar this time. Has not run for three years, please make it start.", promised=7, service_type="Repair"),
    Job("paul-trimmer", 0, "paul", None, "new", None, "Borrowed hedge trimmer of my neighbour's, cable cut through. Can it be repaired by Friday?", priority="high", promised=5, service_type="Repair"),
)  # fmt: skip
