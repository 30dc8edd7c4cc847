"""`scripts/bench scale`: what becomes of the figures when there is much of everything.

Three questions, each in a world of its own: how costs grow with the records of a shop and with the shops of a database
(`scale_growth.py`), what a record costs that ten thousand phones wrote (`scale_replicas.py`), and what thousands of idle live
streams cost a process (`scale_streams.py`). Rows are copied within the database where pushing them would take hours.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from tests.bench.figures import Cost, Figure
from tests.bench.scale_growth import by_records, by_shops
from tests.bench.scale_replicas import many_replicas
from tests.bench.scale_sizes import Sizes
from tests.bench.scale_streams import many_streams

Tell = Callable[[Figure | Cost], None]
PARTS: dict[str, Callable[[Sizes, Tell], Coroutine[Any, Any, None]]] = {
    "replicas": many_replicas,
    "streams": many_streams,
    "records": by_records,
    "shops": by_shops,
}
