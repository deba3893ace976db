"""What happens to every service sooner or later, as functions of a running one.

Each returns when its cause is over; its effects need not be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from chaos import faults_in_messages as messages
from chaos import faults_in_processes as processes
from chaos import faults_in_redis as redis
from chaos import faults_in_the_ledger as ledger
from chaos.scene import Scene

#: The first ones make up the short form.
FAULTS: Mapping[str, Callable[[Scene], None]] = MappingProxyType(
    {
        fault.__name__: fault
        for fault in (
            processes.kill_child,
            processes.freeze_child,
            redis.flush_all,
            messages.malformed_messages,
            ledger.ledger_restarts,
            processes.kill_worker,
            processes.terminate,
            processes.quit_cold,
            processes.interrupt,
            processes.kill_main_process_only,
            processes.freeze_worker,
            processes.freeze_and_kill_while_waiting,
            processes.kill_child_whose_tracker_loads_slowly,
            redis.kill_redis,
            redis.kill_redis_and_lose_its_file,
            redis.drop_connections,
            redis.redis_out_of_memory,
            redis.redis_read_only,
            redis.rogue_inspect,
            messages.duplicate_messages,
            ledger.ledger_away,
            ledger.disk_full,
            ledger.archive_away,
            ledger.many_keepers,
            ledger.pause_and_resume,
            processes.wrong_clock,
        )
    }
)

SHORT = 6
