//! Search: the words of messages and of customers, and how far the index has come.

use sea_orm_migration::prelude::*;

use super::plan::{Column as C, Index, Special, Table, create_all};

pub(super) const TABLES: &[&[Table]] = &[SEARCH];

const SEARCH: &[Table] = &[
    Table {
        name: "search_cursors",
        columns: &[
            C::uuid("workspace_id"),
            C::big("position"),
            C::uuid("messages_before").null(),
            C::uuid("customers_after").null(),
            C::big("updated_at"),
        ],
        key: &["workspace_id"],
        indexes: &[],
        foreign: &[],
    },
    // Words of names and endings of phone numbers. A look-up is the beginning of a word, so the word stands before
    // the customer. Whether one customer has a word is asked for each row of a list: that index holds the word too, so
    // that SQLite takes it also before it has counted anything.
    Table {
        name: "customer_words",
        columns: &[C::uuid("workspace_id"), C::blob("word"), C::uuid("customer_id")],
        key: &["workspace_id", "word", "customer_id"],
        indexes: &[Index::plain("customer_words_customer", &["workspace_id", "customer_id", "word"])],
        foreign: &[],
    },
];

/// The inverted index of messages: a term is a number, a row is a message by its slot (`crate::search`).
pub(super) const SPECIALS: &[Special] = &[Special {
    // Only which terms a row has: no text is kept twice, no places, no counts.
    sqlite: &["CREATE VIRTUAL TABLE search_messages USING fts5(terms, content='', contentless_delete=1, \
               detail=none, tokenize='ascii')"],
    postgres: &[
        "CREATE TABLE search_messages (workspace_id uuid NOT NULL, slot bigint NOT NULL, \
         terms integer[] NOT NULL, PRIMARY KEY (workspace_id, slot))",
        "CREATE INDEX search_messages_terms ON search_messages USING gin (terms) \
         WITH (fastupdate = on, gin_pending_list_limit = 1024)",
    ],
}];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0004_search"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, TABLES).await?;
        for special in SPECIALS {
            special.create(manager).await?;
        }
        Ok(())
    }
}
