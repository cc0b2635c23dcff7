//! Hosts, paths and header names (platform reference §1.1, §1.2). Paths begin with a slash and are
//! appended to a base address, so that an emulator can stand in the platform's place.

/// Official base of all OA calls.
pub const OPENAPI_BASE: &str = "https://openapi.zalo.me";
/// Official base of the OAuth calls.
pub const OAUTH_BASE: &str = "https://oauth.zaloapp.com";

/// Header that carries the access token of an OA. Never `Authorization`.
pub const ACCESS_TOKEN: &str = "access_token";
/// Header that carries the application's secret, on the token endpoint only.
pub const SECRET_KEY: &str = "secret_key";
/// Optional header: see [`crate::signature::appsecret_proof`].
pub const APPSECRET_PROOF: &str = "appsecret_proof";
/// Header of an answer: requests allowed per minute (platform reference §18).
pub const RATE_LIMIT: &str = "X-RateLimit-Limit";
/// Header of an answer: requests that remain in this minute.
pub const RATE_REMAIN: &str = "X-RateLimit-Remain";
/// Header of a webhook: `mac=<hex>` (platform reference §16.3).
pub const EVENT_SIGNATURE: &str = "X-ZEvent-Signature";
/// Header of a webhook that comes from ZNS; its value is `ZNS`.
pub const EVENT_SERVER: &str = "X-ZEvent-Server";
/// Header of a webhook that is delivered again: number of the repetition, from 1.
pub const NUM_RETRY: &str = "num_retry";

/// Consent page (GET), OAuth base.
pub const PERMISSION: &str = "/v4/oa/permission";
/// Code exchange and refresh (POST, form), OAuth base.
pub const TOKEN: &str = "/v4/oa/access_token";

/// Consultation message (POST).
pub const MESSAGE_CS: &str = "/v3.0/oa/message/cs";
/// Reactions, broadcast, anonymous visitors (POST).
pub const MESSAGE_V2: &str = "/v2.0/oa/message";
/// Transaction message by user id (POST; closed on 2026-03-01).
pub const MESSAGE_TRANSACTION: &str = "/v3.0/oa/message/transaction";
/// Promotion message by user id (POST; closed on 2026-03-01).
pub const MESSAGE_PROMOTION: &str = "/v3.0/oa/message/promotion";
/// Template message by user id (POST).
pub const MESSAGE_TEMPLATE: &str = "/v3.0/oa/message/template";

/// Quota of a user, or assets of an owner (POST).
pub const QUOTA: &str = "/v3.0/oa/quota/message";
/// Quota, old form (POST).
pub const QUOTA_V2: &str = "/v2.0/oa/quota/message";

/// One user (GET, `data`).
pub const USER_DETAIL: &str = "/v3.0/oa/user/detail";
/// Page of users (GET, `data`).
pub const USER_LIST: &str = "/v3.0/oa/user/getlist";
/// Change a user's stored data (POST).
pub const USER_UPDATE: &str = "/v3.0/oa/user/update";

/// Erase what the OA keeps of a user (POST). The user stays a follower.
pub const USER_FORGET: &str = "/v2.0/oa/deletefollowerinfo";
/// Values of a user's fields (GET, `data`).
pub const USER_VALUES: &str = "/v3.0/oa/user/detail/custominfo";
/// Change values of a user's fields (POST).
pub const USER_VALUES_UPDATE: &str = "/v3.0/oa/user/update/custominfo";

/// Definitions of fields (GET, `data`).
pub const FIELD_LIST: &str = "/v3.0/oa/userfield/get";
/// New field (POST).
pub const FIELD_CREATE: &str = "/v3.0/oa/userfield/create";
/// Changed field (POST).
pub const FIELD_UPDATE: &str = "/v3.0/oa/userfield/update";
/// Delete a field (POST).
pub const FIELD_DELETE: &str = "/v3.0/oa/userfield/delete";

/// Put a tag on a user (POST).
pub const TAG_ADD: &str = "/v2.0/oa/tag/tagfollower";
/// Take a tag from a user (POST).
pub const TAG_TAKE: &str = "/v2.0/oa/tag/rmfollowerfromtag";
/// Remove a tag (POST).
pub const TAG_REMOVE: &str = "/v2.0/oa/tag/rmtag";
/// All tags (GET).
pub const TAG_LIST: &str = "/v2.0/oa/tag/gettagsofoa";

/// The OA itself (GET).
pub const OA_INFO: &str = "/v2.0/oa/getoa";

/// Last message of the latest conversations (GET, `data`).
pub const LIST_RECENT_CHAT: &str = "/v2.0/oa/listrecentchat";
/// Messages of one conversation (GET, `data`).
pub const CONVERSATION: &str = "/v2.0/oa/conversation";

/// Upload of an image (POST, multipart).
pub const UPLOAD_IMAGE: &str = "/v2.0/oa/upload/image";
/// Upload of a GIF (POST, multipart).
pub const UPLOAD_GIF: &str = "/v2.0/oa/upload/gif";
/// Upload of a file (POST, multipart).
pub const UPLOAD_FILE: &str = "/v2.0/oa/upload/file";
