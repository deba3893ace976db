"""Jobs in SQL, and the rules of claiming them."""

from __future__ import annotations

from posebatch_shared.store.job_claims import JobClaims
from posebatch_shared.store.job_queries import JobQueries
from posebatch_shared.store.job_reuse import JobReuse
from posebatch_shared.store.job_sweeps import JobSweeps


class SqlJobRepository(JobQueries, JobReuse, JobClaims, JobSweeps):
    """Implements JobRepository."""
