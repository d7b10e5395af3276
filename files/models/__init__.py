"""The tree and its bytes. Order of dependency: pool, blob, blob copy, content, space, node, mount, lock, node
property, version, trash, change, upload, quarantine, erasure, job, copy job, follower."""

from files.models.blob import Blob
from files.models.blob_copy import BlobCopy, CopyState, MoveProblem
from files.models.change import Change, ChangeKind
from files.models.content import Content, Extent
from files.models.copy_job import CopyJob
from files.models.erasure import Erasure
from files.models.favourite import Favourite
from files.models.follower import FollowerPosition
from files.models.grant import Grant, Restriction
from files.models.idempotency import IdempotencyKey
from files.models.job import Job, JobRun, JobState
from files.models.lock import LockScope, NodeLock
from files.models.mount import Mount
from files.models.node import Node, NodeKind
from files.models.node_property import NodeProperty
from files.models.pool import Pool, PoolState
from files.models.quarantine import QuarantinedObject
from files.models.space import Space, SpaceKind
from files.models.team_region import TeamRegion
from files.models.trash import TrashItem
from files.models.upload import Upload, UploadPiece
from files.models.version import Version

__all__ = [
    "Blob",
    "BlobCopy",
    "Change",
    "ChangeKind",
    "Content",
    "CopyJob",
    "CopyState",
    "Erasure",
    "Extent",
    "Favourite",
    "FollowerPosition",
    "Grant",
    "IdempotencyKey",
    "Job",
    "JobRun",
    "JobState",
    "LockScope",
    "Mount",
    "MoveProblem",
    "Node",
    "NodeKind",
    "NodeLock",
    "NodeProperty",
    "Pool",
    "PoolState",
    "QuarantinedObject",
    "Restriction",
    "Space",
    "SpaceKind",
    "TeamRegion",
    "TrashItem",
    "Upload",
    "UploadPiece",
    "Version",
]
