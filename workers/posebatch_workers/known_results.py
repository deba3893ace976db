"""What the ledger knows of a video's content, so that it need not be tracked again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from posebatch_shared.errors import ArtifactsUnavailable, NotInstalled
from posebatch_shared.jobs import TrackOptions
from posebatch_shared.results import Artifacts, JobResult
from posebatch_shared.store import Store
from posebatch_workers.fingerprint import CacheKey
from posebatch_workers.stored_poses import analysed_again


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownResults:
    """Results, and the keypoints of those that only another analysis is asked of."""

    store: Store
    artifacts_url: str

    def find(self, key: CacheKey, options: TrackOptions) -> JobResult | None:
        """The result of this content under this pipeline; else what its poses say under these
        options. A film shows one analysis, so whoever asks for one has the video tracked."""
        with self.store.unit_of_work() as uow:
            found = uow.results.find(key.content_hash, key.pipeline_hash)
            others = () if found or options.overlay else uow.results.of_content(key.content_hash)
        if options.overlay:
            return found[1] if found and found[1].artifacts.overlay else None
        return found[1] if found else self._from_poses(others, key, options)

    def _from_poses(
        self, others: Sequence[JobResult], key: CacheKey, options: TrackOptions
    ) -> JobResult | None:
        for before in others:
            if before.analysis.get("poses") != key.poses_hash:
                continue
            with suppress(ArtifactsUnavailable, NotInstalled):
                return replace(
                    before,
                    pipeline_hash=key.pipeline_hash,
                    analysis=analysed_again(before, options, self.artifacts_url),
                    artifacts=Artifacts(keypoints=before.artifacts.keypoints),
                )
        return None
