"""The customers of Harbour Repair and what they bring."""

from server.demo.content.shapes import Customer, Machine

CUSTOMERS = (
    Customer("ada", "Ada Winter", "ada.winter@example.org", "+49 4721 55501", "Deichweg 4, 27472 Westerhafen", area="West"),
    Customer("boris", "Boris Hahn", "boris.hahn@example.org", "+49 4721 55502", "Am Siel 19, 27472 Westerhafen", area="West"),
    Customer("carla", "Carla Nowak", "carla.nowak@example.org", "+49 4721 55503", "Lotsenstieg 7, 27472 Westerhafen", area="Harbour"),
    Customer("dirk", "Dirk Ottens", "d.ottens@example.org", "+49 4721 55504", "Mühlenweg 31, 27474 Altendeich", area="Altendeich"),
    Customer("elif", "Elif Kaya", "elif.kaya@example.org", "+49 4721 55505", "Marktplatz 2, 27472 Westerhafen", area="Centre", tags=("regular",)),
    Customer("frank", "Frank Petersen", "f.petersen@example.org", "+49 4721 55506", "Osterende 12, 27474 Altendeich", area="Altendeich"),
    Customer("greta", "Greta Sommer", "greta.sommer@example.org", "+49 4721 55507", "Fischerstraße 25, 27472 Westerhafen", area="Harbour"),
    Customer("hanno", "Hanno Behrens", "hanno.behrens@example.org", "+49 4721 55508", "Schulstraße 3, 27472 Westerhafen", area="Centre"),
    Customer("isabel", "Isabel Roth", "isabel.roth@example.org", "+49 4721 55509", "Gartenweg 14, 27472 Westerhafen", area="West"),
    Customer("jan", "Jan Kowalski", "jan.kowalski@example.org", "+49 4721 55510", "Hafenstraße 88, 27472 Westerhafen", area="Harbour"),
    Customer("karin", "Karin Lüders", "karin.lueders@example.org", "+49 4721 55511", "Birkenallee 9, 27474 Altendeich", area="Altendeich"),
    Customer("leo", "Leo Marten", "leo.marten@example.org", "+49 4721 55512", "Am Wasserturm 5, 27472 Westerhafen", area="Centre"),
    Customer("mona", "Mona Friedrichs", "mona.friedrichs@example.org", "+49 4721 55513", "Kiefernweg 21, 27474 Altendeich", area="Altendeich"),
    Customer("nils", "Nils Aden", "nils.aden@example.org", "+49 4721 55514", "Strandallee 60, 27472 Westerhafen", area="Harbour"),
    Customer("olga", "Olga Weiss", "olga.weiss@example.org", "+49 4721 55515", "Kirchgang 1, 27472 Westerhafen", area="Centre"),
    Customer("paul", "Paul Janssen", "paul.janssen@example.org", "+49 4721 55516", "Neuer Weg 17, 27472 Westerhafen", area="West"),
    Customer("rita", "Rita Maas", "rita.maas@example.org", "+49 4721 55517", "Ulmenstraße 8, 27472 Westerhafen", area="Centre"),
    Customer("sven", "Sven Harms", "sven.harms@example.org", "+49 4721 55518", "Fährdamm 2, 27472 Westerhafen", area="Harbour"),
    Customer(
        "municipal", "Thea Gerdes", "bauhof@westerhafen.example.org", "+49 4721 55530", "Bauhofstraße 1, 27472 Westerhafen",
        company="Town of Westerhafen, works yard", area="West", tags=("contract", "invoice monthly"),
    ),
    Customer(
        "camping", "Uwe Folkerts", "technik@duenencamp.example.org", "+49 4721 55531", "Dünenweg 100, 27476 Nordstrand",
        company="Dünencamp Nordstrand", area="Nordstrand", tags=("contract",),
    ),
    Customer(
        "couriers", "Vera Simon", "vera@windkurier.example.org", "+49 4721 55532", "Speicherstraße 6, 27472 Westerhafen",
        company="Windkurier cargo bikes", area="Harbour", tags=("contract", "fleet"),
    ),
    Customer(
        "forestry", "Wim Terhorst", "wim@terhorst-forst.example.org", "+49 4721 55533", "Forsthaus 3, 27478 Geestholz",
        company="Terhorst forestry", area="Geestholz", tags=("regular",),
    ),
)  # fmt: skip

MACHINES = (
    Machine("ada-mower", "ada", "Lawn mower", "Honda", "HRX 476", "MBGA-1184301", meter=212, meter_unit="h"),
    Machine("ada-bike", "ada", "City bike", "Gazelle", "Orange C7", "GZ2210553"),
    Machine("boris-saw", "boris", "Chainsaw", "Stihl", "MS 261 C-M", "187422910"),
    Machine("carla-ebike", "carla", "E-bike", "Kalkhoff", "Endeavour 5", "KH55-20913", meter=4120, meter_unit="km"),
    Machine("dirk-tractor", "dirk", "Ride-on mower", "Husqvarna", "TC 138", "HQ0921-443", meter=388, meter_unit="h", service_every_months=12),
    Machine("elif-bike", "elif", "Folding bike", "Brompton", "M6L", "2207194411"),
    Machine("frank-tiller", "frank", "Tiller", "Agria", "2100", "AG-77120", meter=96, meter_unit="h"),
    Machine("greta-bike", "greta", "Trekking bike", "VSF", "T-300", "VSF30018812"),
    Machine("hanno-mower", "hanno", "Lawn mower", "Sabo", "43-4", "SB431120987"),
    Machine("isabel-trimmer", "isabel", "Brush cutter", "Stihl", "FS 131", "541900213"),
    Machine("jan-washer", "jan", "Pressure washer", "Kärcher", "K 5", "K5-771203"),
    Machine("karin-mower", "karin", "Lawn mower", "AL-KO", "520 VSI", "AK520-3391"),
    Machine("leo-gravel", "leo", "Gravel bike", "Canyon", "Grizl 7", "CN0712340"),
    Machine("mona-blower", "mona", "Leaf blower", "Stihl", "BR 450", "522071188"),
    Machine("nils-generator", "nils", "Generator", "Honda", "EU 22i", "EAMT-1092277", meter=540, meter_unit="h"),
    Machine("olga-bike", "olga", "City bike", "Pegasus", "Solero", "PG881205"),
    Machine("paul-hedge", "paul", "Hedge trimmer", "Echo", "HC-2020", "E20207711"),
    Machine("rita-ebike", "rita", "E-bike", "Riese & Müller", "Nevo 4", "RM4-118233", meter=6890, meter_unit="km"),
    Machine("sven-outboard", "sven", "Outboard motor", "Mercury", "F 5", "0R771204", meter=143, meter_unit="h"),
    Machine("town-mower-1", "municipal", "Ride-on mower", "Stiga", "Park 520", "ST520-1177", "BH-07", 1204, "h", 6),
    Machine("town-blower", "municipal", "Leaf blower", "Husqvarna", "580 BTS", "HQ580-9921", "BH-22"),
    Machine("town-saw", "municipal", "Chainsaw", "Husqvarna", "545", "HQ545-2219", "BH-31"),
    Machine("camp-mower", "camping", "Lawn mower", "Honda", "HRD 536", "MZBA-90113", "DC-2", 870, "h", 6),
    Machine("camp-pump", "camping", "Water pump", "Honda", "WX 15", "WX15-80021", "DC-5", out_of_service="Casing cracked by frost"),
    Machine("cargo-1", "couriers", "Cargo e-bike", "Urban Arrow", "Family", "UA-221907", "WK-1", 11240, "km", 3),
    Machine("cargo-2", "couriers", "Cargo e-bike", "Urban Arrow", "Family", "UA-221911", "WK-2", 9875, "km", 3),
    Machine("cargo-3", "couriers", "Cargo e-bike", "Bullitt", "eBullitt 6100", "BU-61-0981", "WK-3", 14310, "km", 3),
    Machine("forest-saw-1", "forestry", "Chainsaw", "Stihl", "MS 462", "191004412", "T-1"),
    Machine("forest-saw-2", "forestry", "Chainsaw", "Stihl", "MS 500i", "193377102", "T-2"),
)  # fmt: skip

# customer, who wrote it, what
NOTES = (
    (
        "couriers",
        "writer",
        "Bikes must be back by 7:00 the next morning. Key for the depot hangs behind the counter.",
    ),
    (
        "municipal",
        "manager",
        "Order number from the works yard is needed on every invoice, else they send it back.",
    ),
    ("forestry", "writer", "Pays on collection, likes the old parts back."),
)
