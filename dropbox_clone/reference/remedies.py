"""What a client, a person or an operator does about each error code.

Sections in the order of the page, codes in the order of their section. `tests/documents/test_generated_pages.py` fails
when a code of a catalogue is missing here, and when one stands here that no catalogue has.
"""

REMEDIES: dict[str, dict[str, str]] = {
    "Signing in": {
        "not_authenticated": "Send `Authorization: Bearer <token>`, Basic credentials or a session cookie.",
        "invalid_credentials": "Check address and secret. If both are right, the token was revoked or has expired, "
        "or the account was stopped: create a new token, or ask an administrator.",
        "second_factor_required": "Use an app password (*Settings, Devices*) or an access token in place of the "
        "password.",
        "second_factor_setup_required": "Sign in with a browser and set up a second factor; then tokens and devices "
        "work again as they are.",
        "too_many_attempts": "Wait for the seconds in `Retry-After`. Programs should use a token: tokens are never "
        "slowed.",
        "reauthentication_required": "Sign in again, or enter the password at `/accounts/reauthenticate/`, and "
        "repeat the request. See `PROOF_LIFETIME`.",
        "csrf_failed": "Send the value of the cookie `csrf` (over HTTPS `__Host-csrf`) as `X-CSRFToken`, or use a "
        "token instead of the session.",
        "login_flow_not_found": "The client has not been granted access yet: keep polling. After 20 minutes start "
        "again.",
        "setup_closed": "There is an administrator already, or a newer link was printed: see *The first "
        "administrator*.",
    },
    "Rights": {
        "scope_missing": "Use a token with the scope that the member `scope` names.",
        "forbidden": "You can see this but not change it. Ask the owner of the space or a manager of the team.",
        "space_archived": "Bring the space back first, by `PATCH /api/v1/spaces/<id>` with `archived` false: its "
        "managers can.",
        "not_allowed": "Only an owner or administrator of the team, or an administrator of the installation, may do "
        "this.",
        "support_not_found": "Check the id. What does not concern you is reported as missing.",
        "support_ended": "Send `POST /api/v1/support/<id>/end` or open a page: the session is your own again. Ask anew "
        "if it is still needed.",
        "support_read_only": "Ask for a support access with `may_write`, and let the person agree to it.",
        "support_not_allowed": "End the support access (`POST /api/v1/support/<id>/end`) and let the person do it.",
        "support_not_now": "Read `state`, and ask anew if it is over.",
        "support_needs_session": "Sign in with a browser, and begin it there.",
        "support_running": "End the other one first.",
        "support_open": "Withdraw the one that `access` names (`POST /api/v1/support/<id>/end`), or wait for its "
        "answer.",
        "too_many_support_requests": "Withdraw what is open, or wait for the seconds of `Retry-After`.",
        "invalid_support_request": "Correct what `parameter` names.",
        "invalid_policy": "Correct the setting that `parameter` names.",
        "policy_would_end": "Read `endings`, and send the same change again with the `confirmation` of this response.",
        "against_policy": "Keep to the policy that `rule` names, or ask an administrator of the team to change it.",
        "subject_not_found": "Check the id: only people, groups and the team of the space can be granted something.",
        "last_manager": "Make somebody else a manager of the space first, or open it to the team.",
        "not_found": "Check id, path and `space`. Things that you may not see are reported as missing too.",
        "group_not_found": "Check the id. Groups of other teams are reported as missing.",
        "team_not_found": "Check the id.",
        "invitation_not_found": "Ask for a new invitation. It expires after `INVITATION_LIFETIME`, and a later mail "
        "replaces it.",
        "account_not_found": "Check the id. Accounts of other teams are reported as missing.",
        "token_not_found": "Check the id: the token belongs to somebody else or was revoked.",
        "scope_too_wide": "Ask for no more scopes than the credential has that makes the request.",
    },
    "Accounts and teams": {
        "account_error": "Read `detail`.",
        "operation_failed": "Read `detail`.",
        "invalid_email": "Send an address such as `ada@example.com`, of at most 254 characters.",
        "email_taken": "Use another address, or reset the password of the account that has it.",
        "password_refused": "Choose another password: `reasons` lists what is wrong with this one.",
        "unknown_scope": "Send at least one of `read`, `write`, `share`, `admin`.",
        "invalid_expiry": "Send a time in the future. A token cannot create one that outlives it.",
        "invalid_quota": "Send a number of bytes that is not negative, or null for no limit.",
        "unknown_role": "Send `owner`, `admin` or `member`.",
        "member_not_removed": "Remove the person from the team first: only then their home can be handed over.",
        "home_empty": "Nothing is left to do: the home of this person has been handed over, or was empty.",
        "last_owner": "Make somebody else an owner of the team first.",
        "group_exists": "Choose another name, or use the group that has it.",
        "invalid_seats": "Send a number from 1 to 1000000, or null for no limit.",
        "unknown_region": "Use a region that an active pool is in: `manage.py pool list` shows them.",
        "already_member": "Let the person in again if the account was stopped; else there is nothing to do.",
        "already_invited": "Send the invitation again, or withdraw it. `invitation` is its id.",
        "invited_address_differs": "Sign in with the account that has the invited address, or ask for an invitation of "
        "your own.",
        "in_another_team": "`reason` says what holds it there: other people, shared spaces, or uploads under way.",
        "too_many_invitations": "Wait for the seconds in `Retry-After`. `INVITATION_MAILS_PER_TEAM` sets the limit of "
        "a team.",
        "mail_unavailable": "Set `EMAIL_URL` and `BASE_URL`, or create accounts by `POST /api/v1/team/members`.",
        "team_full": "Deactivate somebody, or ask an administrator for more seats.",
    },
    "Names and places": {
        "invalid_name": "Rename it: `reason` says what is wrong, `limit` and `length` by how much it is too long.",
        "parent_not_found": "Create the folder first. `PUT /api/v1/content/…` creates missing folders itself; "
        "WebDAV does not.",
        "name_taken": "Choose another name, send `autorename`, or overwrite what is there. `id` is that of what has "
        "the name.",
        "not_a_folder": "Use the id or path of a folder.",
        "not_a_file": "Use the id or path of a file.",
        "move_into_itself": "Choose a target outside of the folder that is moved or copied.",
        "root_is_fixed": "Act on what is in the top folder, not on the folder itself.",
        "mount_stays_home": "Move what is in the shared folder, or copy it: it cannot go along itself. `path` "
        "is that of the folder that cannot.",
        "too_deep": "Flatten the tree: a path has at most 100 names.",
        "region_differs": "Download and upload the files: bytes are never moved between teams with different regions.",
    },
    "Changes that collide": {
        "version_conflict": "Fetch the current version, merge, and send the change with its id as `base_version`.",
        "precondition_failed": "Fetch the file again: it is not in the state that the `If-…` header names.",
        "locked": "Wait until `expires_at`, or ask `holder`. Holder, owner and managers can remove the lock on the "
        "file's page.",
        "changes_held": "Wait until it is decided by the owner of the files, or by a manager of the space or of the "
        "team: on the page `/held/`, or by `POST /api/v1/brakes/<id>/accept` or `…/revert`.",
        "lock_token_mismatch": "Send the token of the lock that is on this file or on a folder above it.",
        "busy": "Repeat the request after `Retry-After`.",
        "idempotency_conflict": "Use a new `Idempotency-Key` for each different request.",
    },
    "Uploads": {
        "upload_not_found": "Start a new upload: this one was finished, ended, or it expired.",
        "upload_ended": "Start again, if it should not have been ended: somebody ended it at `/uploads/` or by REST.",
        "upload_finished": "Nothing is left to do. `GET` the upload: it names the file.",
        "upload_incomplete": "Send the pieces that `missing` lists as `[offset, length]`, and finish again.",
        "offset_conflict": "Continue at `offset`.",
        "piece_overlaps": "Ask for what has been received and send other bytes only where nothing is. Abort the "
        "upload to start over.",
        "direct_upload_unavailable": "Send the pieces to this server: the storage does not accept them directly.",
        "length_mismatch": "Send the file again: the connection broke, or the announced length was wrong.",
        "checksum_mismatch": "Send the bytes again. If it happens again, the client computes `algorithm` over "
        "something else.",
        "invalid_checksum": "Use sha-256, sha-1, md5 or another supported algorithm, in the form that the header "
        "prescribes.",
    },
    "Quotas, limits and sizes": {
        "quota_exceeded": "Delete files and empty the trash, or ask for a larger quota. `whose` says which quota is "
        "full, `needed` and `free` are bytes; of a `space` it is not told what is free.",
        "limit_reached": "Remove some of `what`, or have the operator raise the setting of that limit.",
        "too_large": "Send less: `limit` is the largest size. Files beyond a request's limit go to "
        "`/api/v1/uploads` or `/tus/`.",
        "too_many": "Split the request: `limit` is how many fit.",
        "too_many_requests": "Let running requests finish; repeat after `Retry-After`.",
        "body_too_slow": "Send the body again over a faster connection. Send files to endpoints of files, which "
        "wait longer.",
        "too_slow": "Send the whole head of a request within `HEADER_TIMEOUT`.",
        "head_too_large": "Send fewer or smaller headers and cookies: 64 KiB at most.",
    },
    "Listings and history": {
        "invalid_cursor": "List again without a cursor: this one belongs to another listing, or the secret key has "
        "changed.",
        "cursor_reset": "List everything again, then follow the changes from the new cursor.",
        "history_gone": "Choose a later time: what this asks for has been purged.",
        "moved_file_gone": "Nothing can be taken back: it was purged where it was moved to, or has left the team.",
    },
    "Links": {
        "sharing_error": "Read `detail`.",
        "link_not_found": "Check the address. A link that was revoked, or whose file is gone for good, is reported as "
        "missing.",
        "link_expired": "Ask whoever sent the link for a new one, or for a later end.",
        "link_closed": "Ask whoever sent the file request for a later deadline.",
        "link_used_up": "Ask whoever sent the link to allow more downloads (`max_downloads`).",
        "link_target_in_trash": "Restore the file or folder: the link opens again at once.",
        "link_paused": "Whoever manages the folder takes the link over (`PATCH /api/v1/links/<id>` with `take_over`), "
        "or gives the person who made it the right to share again.",
        "link_against_policy": "Change the link so that it keeps to the policies of the team (`PATCH "
        "/api/v1/links/<id>` with a password, an end or another audience), or ask an administrator of the "
        "team to change them.",
        "link_password_required": "Enter the password on the page of the link, or send it by Basic authentication with "
        "the token as user name.",
        "link_password_wrong": "Check the password. After a few wrong ones there is a pause.",
        "link_sign_in_required": "Sign in first, then open the link again.",
        "link_not_for_you": "Sign in as somebody of that team, or ask for a link that is for anyone.",
        "link_address_taken": "Choose another address, or leave it out: every link has a token.",
    },
    "Shares": {
        "already_shared": "Change the share that is there: `share` is its id.",
        "not_in_team": "Ask an owner or admin of the team to invite this person, or to share it with them: who may "
        "invite invites by sharing.",
    },
    "Requests": {
        "file_error": "Read `detail`.",
        "invalid_request": "Correct the request: `errors` or `detail` says what is wrong.",
        "method_not_allowed": "Use one of the methods in `Allow`.",
        "not_acceptable": "Accept `application/json`.",
        "unsupported_media_type": "Send the `Content-Type` that the schema names.",
        "range_not_satisfiable": "Ask for a range within the size that `Content-Range` tells.",
    },
    "The server and its storage": {
        "storage_full": "Operator: make room on the disk or in the bucket (`FREE_DISK_FLOOR` stays free). Clients "
        "try again later.",
        "storage_unavailable": "Repeat after `Retry-After`. Operator: `/readyz` names the storage that does not "
        "answer.",
        "mount_unavailable": "Repeat after `Retry-After`. Operator: what the mount stands for is missing; "
        "run `manage.py fsck`.",
        "content_damaged": "Operator: run `manage.py fsck --hash`. Until it is repaired, try an earlier version of "
        "the file.",
        "no_pool": "Operator: activate a pool with `manage.py pool activate`.",
        "no_pool_in_region": "Operator: add or activate a pool in the region of the team.",
        "overloaded": "Repeat after `Retry-After`.",
        "unavailable": "Repeat after `Retry-After`. Operator: the database does not answer; see `/readyz`.",
        "internal_error": "Report it to the operator, who finds `request_id` in the log.",
    },
}
