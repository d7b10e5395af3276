"""The tree and its bytes. Order of dependency: pool, blob, blob copy, content, space, node, mount, lock, node
property, version, trash, change, upload, quarantine, erasure, job, copy job, follower, brake."""

from files.models.brake import Brake, BrakeCounter, BrakePolicy, BrakeState
from files.models.change import Change, ChangeKind
from files.models.content import Content, Extent
from files.models.grant import Grant, Mount, Restriction
from files.models.idempotency import IdempotencyKey
from files.models.job import CopyJob, FollowerPosition, Job, JobRun, JobState
from files.models.lock import LockScope, NodeLock
from files.models.node import Favourite, Node, NodeKind, NodeProperty, TrashItem
from files.models.pool import (
    Blob,
    BlobCopy,
    CopyState,
    Erasure,
    MoveProblem,
    Pool,
    PoolState,
    QuarantinedObject,
    TeamRegion,
)
from files.models.space import Space, SpaceKind
from files.models.upload import Upload, UploadPiece
from files.models.version import Version

__all__ = [
    "Blob",
    "BlobCopy",
    "Brake",
    "BrakeCounter",
    "BrakePolicy",
    "BrakeState",
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
