"""The table of the REST door: error code -> (status, title). A test fails when a code of a catalogue is missing."""

from http import HTTPStatus

from accounts.api.problems import STATUS as OF_ACCOUNTS

_OF_ACCOUNTS = {code: (status, code.replace("_", " ").capitalize()) for code, status in OF_ACCOUNTS.items()}

TABLE: dict[str, tuple[HTTPStatus, str]] = {
    **_OF_ACCOUNTS,
    "file_error": (HTTPStatus.BAD_REQUEST, "The operation failed"),
    "not_found": (HTTPStatus.NOT_FOUND, "Not found"),
    "parent_not_found": (HTTPStatus.NOT_FOUND, "Folder not found"),
    "upload_not_found": (HTTPStatus.NOT_FOUND, "Upload not found"),
    "forbidden": (HTTPStatus.FORBIDDEN, "Not allowed"),
    "scope_missing": (HTTPStatus.FORBIDDEN, "Scope missing"),
    "invalid_name": (HTTPStatus.BAD_REQUEST, "Invalid name"),
    "invalid_request": (HTTPStatus.BAD_REQUEST, "Invalid request"),
    "invalid_cursor": (HTTPStatus.BAD_REQUEST, "Invalid cursor"),
    "invalid_checksum": (HTTPStatus.BAD_REQUEST, "Invalid checksum"),
    "checksum_mismatch": (HTTPStatus.BAD_REQUEST, "Checksum mismatch"),
    "length_mismatch": (HTTPStatus.BAD_REQUEST, "Length mismatch"),
    "too_deep": (HTTPStatus.BAD_REQUEST, "Nested too deep"),
    "too_many": (HTTPStatus.BAD_REQUEST, "Too many at once"),
    "body_too_slow": (HTTPStatus.REQUEST_TIMEOUT, "Too slow"),
    "too_large": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Too large"),
    "name_taken": (HTTPStatus.CONFLICT, "Name taken"),
    "not_a_folder": (HTTPStatus.CONFLICT, "Not a folder"),
    "not_a_file": (HTTPStatus.CONFLICT, "Not a file"),
    "version_conflict": (HTTPStatus.CONFLICT, "Version conflict"),
    "move_into_itself": (HTTPStatus.CONFLICT, "Move into itself"),
    "root_is_fixed": (HTTPStatus.CONFLICT, "The top folder is fixed"),
    "upload_ended": (HTTPStatus.CONFLICT, "Upload ended"),
    "upload_finished": (HTTPStatus.CONFLICT, "Upload finished"),
    "upload_incomplete": (HTTPStatus.CONFLICT, "Upload incomplete"),
    "offset_conflict": (HTTPStatus.CONFLICT, "Offset conflict"),
    "piece_overlaps": (HTTPStatus.CONFLICT, "Piece overlaps"),
    "direct_upload_unavailable": (HTTPStatus.CONFLICT, "Direct upload unavailable"),
    "busy": (HTTPStatus.CONFLICT, "Busy"),
    "lock_token_mismatch": (HTTPStatus.CONFLICT, "No such lock"),
    "region_differs": (HTTPStatus.CONFLICT, "Another region"),
    "cursor_reset": (HTTPStatus.GONE, "Cursor reset"),
    "history_gone": (HTTPStatus.GONE, "History gone"),
    "locked": (HTTPStatus.LOCKED, "Locked"),
    "precondition_failed": (HTTPStatus.PRECONDITION_FAILED, "Precondition failed"),
    "idempotency_conflict": (HTTPStatus.UNPROCESSABLE_ENTITY, "Idempotency key was used for another request"),
    "content_damaged": (HTTPStatus.INTERNAL_SERVER_ERROR, "Content damaged"),
    "storage_unavailable": (HTTPStatus.SERVICE_UNAVAILABLE, "Storage unavailable"),
    "no_pool": (HTTPStatus.SERVICE_UNAVAILABLE, "No storage pool"),
    "no_pool_in_region": (HTTPStatus.SERVICE_UNAVAILABLE, "No storage pool in the region"),
    "overloaded": (HTTPStatus.SERVICE_UNAVAILABLE, "Overloaded"),
    "storage_full": (HTTPStatus.INSUFFICIENT_STORAGE, "Storage full"),
    "quota_exceeded": (HTTPStatus.INSUFFICIENT_STORAGE, "Quota exceeded"),
    # The door's own.
    "method_not_allowed": (HTTPStatus.METHOD_NOT_ALLOWED, "Method not allowed"),
    "not_acceptable": (HTTPStatus.NOT_ACCEPTABLE, "Not acceptable"),
    "unsupported_media_type": (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Unsupported media type"),
    "range_not_satisfiable": (HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "Range not satisfiable"),
    "unavailable": (HTTPStatus.SERVICE_UNAVAILABLE, "Unavailable"),
    "too_slow": (HTTPStatus.REQUEST_TIMEOUT, "Too slow"),
    "head_too_large": (HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "Head too large"),
    "internal_error": (HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error"),
}

# Seconds after which trying again makes sense.
RETRY_AFTER = {
    "busy": 1,
    "unavailable": 1,
    "overloaded": 2,
    "too_many_requests": 2,
    "storage_unavailable": 5,
    "no_pool": 30,
    "no_pool_in_region": 30,
}
