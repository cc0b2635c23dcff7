//! One module a table: rows as the database holds them.
//!
//! Rows carry bare `Uuid` and `i64` milliseconds; the functions of this crate turn them into the kernel's typed
//! ids and instants at their border. The tables are made by `crate::migration`; a test compares both.
//!
//! How to add one: a migration, a module here, and its line in the test `entities_fit_the_schema`.

// The derives make public items (columns, keys, active models) that carry no text of their own.
#![allow(missing_docs)]

pub mod audit_log;
pub mod auto_replies;
pub mod auto_reply_settings;
pub mod bulk_items;
pub mod bulk_jobs;
pub mod business_hours;
pub mod canned_replies;
pub mod changes;
pub mod channel_credentials;
pub mod channels;
pub mod conversations;
pub mod customer_contacts;
pub mod customer_details;
pub mod customer_events;
pub mod customer_fields;
pub mod customer_identities;
pub mod customer_import_rows;
pub mod customer_imports;
pub mod customer_labels;
pub mod customer_merges;
pub mod customer_redirects;
pub mod customer_words;
pub mod customers;
pub mod deliveries;
pub mod drafts;
pub mod episodes;
pub mod files;
pub mod follow_removals;
pub mod group_phones;
pub mod group_upload_rows;
pub mod group_uploads;
pub mod import_threads;
pub mod imported_messages;
pub mod imports;
pub mod label_pushes;
pub mod labels;
pub mod list_layouts;
pub mod macro_runs;
pub mod macros;
pub mod members;
pub mod message_marks;
pub mod messages;
pub mod notification_limits;
pub mod notifications;
pub mod oauth_states;
pub mod package_capabilities;
pub mod partition_cursors;
pub mod platform_apps;
pub mod quota_days;
pub mod quota_ledgers;
pub mod quota_levels;
pub mod raw_events;
pub mod reservations;
pub mod saved_view_places;
pub mod saved_views;
pub mod scheduled_messages;
pub mod search_cursors;
pub mod sessions;
pub mod sign_in_failures;
pub mod thread_entries;
pub mod workspaces;
