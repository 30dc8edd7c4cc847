"""What lies on the shelves of Harbour Repair."""

from server.demo.content.shapes import Part

PARTS = (
    Part("plug-bpmr7a", "NGK-BPMR7A", "Spark plug BPMR7A", "A1-03", 590, 240, 24, 8, "087295145524"),
    Part("plug-bpr6es", "NGK-BPR6ES", "Spark plug BPR6ES", "A1-04", 640, 260, 14, 8, "087295178225"),
    Part("filter-gcv", "HON-17211-ZL8", "Air filter GCV 160–200", "A2-01", 1190, 520, 9, 4),
    Part("oil-10w30", "OIL-10W30-06", "Engine oil 10W-30, 0.6 l", "A2-09", 890, 380, 31, 12),
    Part("fuelline", "FL-3x6", "Fuel line 3 × 6 mm, per metre", "A3-02", 480, 140, 12, 5),
    Part("carbkit-wt", "WAL-K20-WAT", "Carburettor kit Walbro WT", "A3-05", 1850, 790, 3, 3),
    Part("belt-sabo43", "SAB-SA12", "Drive belt 43-4", "B1-02", 2790, 1240, 2, 2),
    Part("blade-46", "BLD-46-HI", "Mower blade 46 cm", "B1-06", 2490, 980, 5, 3),
    Part("chain-325-64", "OR-21BPX064E", "Saw chain .325, 64 links", "B2-01", 2390, 1090, 11, 5, "5400182012345"),
    Part("bar-38", "OR-158SLBK095", "Guide bar 38 cm", "B2-03", 3690, 1680, 2, 1),
    Part("rope-4", "ROPE-4", "Starter rope 4 mm, per metre", "B2-08", 190, 50, 18, 5),
    Part("battery-12-7", "BAT-12V7AH", "Battery 12 V 7 Ah", "B3-01", 3990, 2150, 3, 2),
    Part("pads-mt", "SH-B05S-RX", "Brake pads B05S", "C1-02", 1290, 540, 17, 6, "4550170443214"),
    Part("chain-cn11", "SH-CNHG601", "Chain 11-speed, 116 links", "C1-05", 2690, 1310, 6, 4),
    Part("cassette-11", "SH-CSM5100", "Cassette 11-speed, 11–42", "C1-07", 6490, 3420, 1, 2),
    Part("tube-28", "SCHW-17", "Inner tube 28″, Presta", "C2-01", 790, 290, 34, 12),
    Part("tyre-28", "SCHW-MAR-40", "Tyre 40-622, puncture guard", "C2-04", 3690, 1890, 7, 4),
    Part("rim-28", "RYDE-AND-28", "Rim 28″, 36 holes", "C2-09", 3290, 1480, 2, 1),
    Part("cable-set", "JAG-BS-SET", "Brake cable set", "C3-01", 1490, 610, 8, 4),
    Part("pump-seal", "KAE-SEAL-K5", "Seal set, high-pressure pump", "C3-06", 3190, 1450, 1, 2),
)  # fmt: skip
