"""Work that Harbour Repair has behind it: closed in the last six weeks, or canceled."""

from server.demo.content.shapes import Job, Photo, fee, labour, part

DISPOSAL = fee("Oil disposal", 350)

CLOSED = (
    Job(
        "town-stiga-500h", 42, "municipal", "town-mower-1", "closed", "tech1",
        "500 h service before the winter. Pulls to the left when braking.",
        "Service due. Left brake band glazed, linkage out of adjustment. Deck bearings still quiet.",
        "Oil and filters changed, brake band deglazed, linkage set, all grease points done. Brakes evenly now.",
        tasks=(("Change engine oil and filter", 30), ("Clean and adjust brakes", 45), ("Grease all points", 20), ("Sharpen and balance blades", 35)),
        lines=(labour("500 h service", 2), part("oil-10w30", 3), part("filter-gcv"), DISPOSAL),
        notes=(("tech1", "Order number from the yard: 2026-1187."),),
        photos=(Photo("before", "filter:bad"), Photo("after", "filter:good")), service_type="Service", bay="1", tags=("contract",),
    ),
    Job(
        "boris-chain", 41, "boris", "boris-saw", "closed", "tech1", "Cuts in a curve, smokes in the wood.",
        "Chain blunt on one side, bar rails spread 0.4 mm.", "New bar and chain, oiler cleaned, mixture checked.",
        tasks=(("Check bar and chain", 10), ("Fit new bar and chain", 15), ("Test cut", 10)),
        lines=(labour("Bar and chain", 0.5), part("bar-38"), part("chain-325-64")),
        photos=(Photo("damage", "chain:bad", "Teeth filed away on the left side"), Photo("after", "chain:good")), service_type="Repair", bay="2",
    ),
    Job(
        "greta-inspection", 39, "greta", "greta-bike", "closed", "tech2", "Yearly inspection, rear brake squeals.",
        "Pads glazed, chain at 0.9 %, cassette still fine.", "Pads and chain new, wheels trued, headlight aimed.",
        tasks=(("Inspection by the list", 40), ("Rear brake pads", 15), ("New chain", 15)),
        lines=(labour("Yearly inspection", 1, 5900), part("pads-mt"), part("chain-cn11")), service_type="Inspection", bay="4",
    ),
    Job(
        "camp-honda-start", 37, "camping", "camp-mower", "closed", "tech1", "Starts and dies after ten seconds.",
        "Fuel left in over the summer break, main jet varnished.", "Carburettor cleaned in the bath, tank flushed, fresh fuel. Runs under load.",
        tasks=(("Drain and flush the tank", 15), ("Clean the carburettor", 45), ("Run under load", 15)),
        lines=(labour("Carburettor clean", 1.25), part("plug-bpr6es"), DISPOSAL),
        photos=(Photo("before", "carb:bad", "Varnish in the bowl"), Photo("after", "carb:good", "After the bath")), service_type="Repair", bay="1",
    ),
    Job(
        "cargo2-brakes", 34, "couriers", "cargo-2", "closed", "tech2", "Lever comes to the grip. Bike is needed tomorrow at 7.",
        "Front pads down to the plate, rotor 1.4 mm and blue.", "Pads front and rear, rotor front, bled both. Bedded in.",
        tasks=(("Pads front and rear", 25), ("Change rotor", 10), ("Bleed both brakes", 40)),
        lines=(labour("Brakes front and rear", 1.25), part("pads-mt", 2), fee("Rotor 203 mm", 4290)),
        photos=(Photo("damage", "pads:bad", "Down to the plate"), Photo("after", "pads:good")), priority="urgent", service_type="Repair", bay="4", tags=("fleet",),
    ),
    Job(
        "karin-pull", 32, "karin", "karin-mower", "closed", "tech1", "Rope came out and did not go back.",
        "Rope frayed through at the knot, spring fine.", "New rope 4 mm, 1.8 m. Pawls greased.",
        tasks=(("New starter rope", 25),), lines=(labour("Starter rope", 0.5), part("rope-4", 1.8)), service_type="Repair", bay="2",
    ),
    Job(
        "mona-blower", 29, "mona", "mona-blower", "closed", "tech1", "No power, bogs down when I give throttle.",
        "Spark arrester clogged with soot, mixed with the wrong oil.", "Arrester burnt out and cleaned, plug new, idle set. Told the customer about 1:50 and proper oil.",
        tasks=(("Clean spark arrester", 20), ("Set idle and high speed", 20)),
        lines=(labour("Two-stroke tune", 0.75), part("plug-bpmr7a")), photos=(Photo("damage", "plug:bad", "Wet and black"),), service_type="Repair", bay="2",
    ),
    Job(
        "leo-gravel", 27, "leo", "leo-gravel", "closed", "tech2", "Gears jump on the small sprockets, going on a tour on Saturday.",
        "Chain at 1.0 %, hanger bent 4 mm inwards.", "Hanger straightened, chain new, indexed. Shifts cleanly under load.",
        tasks=(("Straighten the hanger", 15), ("New chain", 15), ("Index the gears", 15)),
        lines=(labour("Drivetrain set up", 0.75, 5900), part("chain-cn11")), priority="high", service_type="Repair", bay="5",
    ),
    Job(
        "forest-500i", 24, "forestry", "forest-saw-2", "closed", "tech1", "Throttle hangs when warm.",
        "Throttle rod bent, likely from the trailer.", "Rod replaced under goodwill for the long wait, chain sharpened. Old rod in the bag.",
        tasks=(("Replace throttle rod", 40), ("Sharpen chain", 15)), lines=(labour("Throttle repair", 1), fee("Throttle rod", 2240)),
        notes=(("tech1", "Keep old parts for him, as always."),), goodwill=(2240, "Waited nine days for the rod"), service_type="Repair", bay="2",
    ),
    Job(
        "elif-folding", 20, "elif", "elif-bike", "closed", "tech2", "Hinge clicks when I pedal standing.",
        "Main hinge clamp loose, pins fine.", "Clamp set, hinge greased, torque checked.",
        tasks=(("Set the hinge clamp", 20), ("Check torque", 10)), lines=(labour("Hinge", 0.5, 5900),), service_type="Repair", bay="5",
    ),
    Job(
        "town-husky-545", 16, "municipal", "town-saw", "closed", "tech1", "Does not oil the chain.",
        "Oil pump worm stripped.", "Worm gear and pump new, filter in the tank cleaned. Throws oil at idle.",
        tasks=(("Open clutch side", 15), ("Replace worm and pump", 35), ("Test oiling", 10)), lines=(labour("Oil pump", 1), fee("Oil pump with worm", 3180)),
        notes=(("writer", "Order number 2026-1240, by phone."),), service_type="Repair", bay="2", tags=("contract",),
    ),
    Job(
        "olga-flat", 9, "olga", "olga-bike", "closed", "tech2", "Rear flat, second time this month.",
        "Cut in the tyre, glass still in it.", "Tyre and tube new, rim tape checked.",
        tasks=(("New tyre and tube", 25),), lines=(labour("Tyre rear", 0.4, 5900), part("tyre-28"), part("tube-28")),
        photos=(Photo("damage", "tyre:bad", "Glass right through"),), service_type="Repair", bay="5",
    ),
    Job(
        "jan-washer-pump", 6, "jan", "jan-washer", "closed", "tech1", "Pressure pulsates, water under the machine.",
        "Pump seals worn, one valve stuck.", "Seal set and valve new, 130 bar steady for ten minutes.",
        tasks=(("Open the pump", 20), ("New seals", 30), ("Run ten minutes at pressure", 15)), lines=(labour("Pump overhaul", 1.25), part("pump-seal")),
        photos=(Photo("before", "washer:bad", "Puddle after a minute"), Photo("after", "washer:good")), service_type="Repair", bay="1",
    ),
    Job(
        "hanno-engine", 22, "hanno", "hanno-mower", "canceled", "tech1", "Engine seized, ran without oil.",
        "Rod through the crankcase. New engine would be 420.-, mower is 14 years old.", tasks=(("Check compression", 15),),
        photos=(Photo("damage", "engine:bad", "Hole beside the dipstick"),), reason="Customer scraps the mower, repair costs more than a new one.", service_type="Repair",
    ),
    Job(
        "paul-hedge-estimate", 13, "paul", "paul-hedge", "canceled", "tech1", "Blades do not move.",
        "Gearbox stripped, part discontinued.", reason="Gearbox no longer to be had, collected unrepaired.", service_type="Repair",
    ),
)  # fmt: skip
