//! Loading views in bulk: a fixed number of queries for any number of views.

use std::collections::{HashMap, HashSet};

use loa_kernel::{
    ChannelId, ConversationId, CustomerId, FileId, IdentityId, MessageId, Problem, Timestamp, WorkspaceId,
};
use loa_rulebook::Library;
use loa_store::entity::{conversations, messages};
use loa_store::{ConnectionTrait, channels, conversations as threads, customers, entries, files, labels};
use uuid::Uuid;

use super::{ConversationView, FileView, MessageView};

/// Loads views of one workspace over one connection.
pub struct Loader<'a, C: ConnectionTrait> {
    /// Where to read.
    pub db: &'a C,
    /// Whose.
    pub workspace: WorkspaceId,
    /// The rule books, for free replies left.
    pub rules: &'a Library,
    /// The present.
    pub now: Timestamp,
}

impl<C: ConnectionTrait> Loader<'_, C> {
    /// Views of these threads, in their order. Five queries.
    ///
    /// A thread whose customer, address or channel is gone in the meantime is left out.
    pub async fn conversations(
        &self,
        rows: &[conversations::Model],
    ) -> Result<Vec<ConversationView>, Problem> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let ids = distinct(rows, |r| CustomerId(r.customer_id));
        let labels = labels::of_customers(self.db, self.workspace, &ids).await?;
        let people = customers::by_ids(self.db, self.workspace, &ids).await?;
        let groups = customers::groups::of_customers(self.db, self.workspace, &people, self.now).await?;
        let customers = by_id(people, |row| row.id);
        let ids = distinct(rows, |r| IdentityId(r.identity_id));
        let identities = by_id(customers::identities(self.db, self.workspace, &ids).await?, |row| row.id);
        // A workspace has few channels; all of them is one short read.
        let channels = channels::list(self.db, self.workspace).await?;
        let channels: HashMap<Uuid, _> = channels.into_iter().map(|c| (c.id.0, c)).collect();
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            let parts = (
                customers.get(&row.customer_id),
                identities.get(&row.identity_id),
                channels.get(&row.channel_id),
            );
            if let (Some(customer), Some(identity), Some(account)) = parts {
                let label_ids = labels.get(&CustomerId(row.customer_id)).cloned().unwrap_or_default();
                let group = groups.get(&CustomerId(row.customer_id)).copied();
                let worn = (label_ids, group);
                let view =
                    ConversationView::new(row, customer, identity, account, worn, self.rules, self.now)?;
                views.push(view);
            }
        }
        Ok(views)
    }

    /// Views of the threads with these ids, in no order. Six queries.
    pub async fn conversations_by_ids(
        &self,
        ids: &[ConversationId],
    ) -> Result<Vec<ConversationView>, Problem> {
        let rows = threads::by_ids(self.db, self.workspace, ids).await?;
        self.conversations(&rows).await
    }

    /// Views of these messages, in their order. One query more when some of them answer others.
    pub async fn messages(&self, rows: &[messages::Model]) -> Result<Vec<MessageView>, Problem> {
        let quoting: Vec<&messages::Model> = rows.iter().filter(|r| r.quoted_platform_id.is_some()).collect();
        let channels = distinct(&quoting, |r| ChannelId(r.channel_id));
        let platform_ids = distinct(&quoting, |r| r.quoted_platform_id.clone().unwrap_or_default());
        let quoted =
            loa_store::messages::by_platform_ids(self.db, self.workspace, &channels, &platform_ids).await?;
        // A platform's id is unique within a channel only.
        let quoted: HashMap<(Uuid, &str), &messages::Model> = quoted
            .iter()
            .filter_map(|row| Some(((row.channel_id, row.platform_id.as_deref()?), row)))
            .collect();
        rows.iter()
            .map(|row| {
                let original = row
                    .quoted_platform_id
                    .as_deref()
                    .and_then(|id| quoted.get(&(row.channel_id, id)).copied());
                MessageView::new(row, original)
            })
            .collect()
    }

    /// Views of the messages, notes and lines with these ids, in no order. At most three queries.
    pub async fn messages_by_ids(&self, ids: &[MessageId]) -> Result<Vec<MessageView>, Problem> {
        let rows = loa_store::messages::by_ids(self.db, self.workspace, ids).await?;
        let mut views = self.messages(&rows).await?;
        if rows.len() < ids.len() {
            let found: HashSet<Uuid> = rows.iter().map(|row| row.id).collect();
            let others: Vec<MessageId> = ids.iter().copied().filter(|id| !found.contains(&id.0)).collect();
            for row in entries::by_ids(self.db, self.workspace, &others).await? {
                views.push(MessageView::of_entry(&row)?);
            }
        }
        Ok(views)
    }

    /// Views of the files with these ids, in their order; ids that name nothing are left out. One query.
    pub async fn files(&self, ids: &[FileId]) -> Result<Vec<FileView>, Problem> {
        let rows = by_id(files::by_ids(self.db, self.workspace, ids).await?, |row| row.id);
        Ok(ids.iter().filter_map(|id| rows.get(&id.0).map(FileView::new)).collect())
    }
}

fn by_id<R>(rows: Vec<R>, id: impl Fn(&R) -> Uuid) -> HashMap<Uuid, R> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}

fn distinct<R, K: Ord>(rows: &[R], key: impl Fn(&R) -> K) -> Vec<K> {
    let mut keys: Vec<K> = rows.iter().map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}
