//! What clients get to see of a customer.

use std::collections::{BTreeMap, HashMap};

use loa_kernel::{
    ChannelId, ContactId, CustomerId, IdentityId, LabelId, PhoneGroup, Problem, Timestamp, WorkspaceId,
};
use loa_rulebook::{Library, ReplyLeft};
use loa_store::customers::contacts::{Contact, ContactKind};
use loa_store::entity::{customer_identities, customers};
use loa_store::labels::pushes;
use loa_store::{ConnectionTrait, channels};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ValueFields;

/// A person who writes to the business.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Customer)]
pub struct CustomerView {
    /// Their id.
    pub id: CustomerId,
    /// Their name.
    pub display_name: String,
    /// Their picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub avatar_url: Option<String>,
    /// Their phone number; masked unless you may see it whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub phone: Option<String>,
    /// Further phone numbers; masked like the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<ContactView>,
    /// What members noted about them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub note: Option<String>,
    /// Labels they carry.
    pub label_ids: Vec<LabelId>,
    /// Labels that the platform did not take as tags, on the accounts that you see.
    pub label_refusals: Vec<LabelRefusal>,
    /// The group of their phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub group: Option<PhoneGroup>,
    /// When Loa first knew of them.
    pub created_at: Timestamp,
    /// Their addresses on channels that you see.
    pub identities: Vec<IdentityView>,
    /// What is known by field: by id of a field that the business made, or by the name of a system field. What you may not
    /// see whole is a text with dots.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub fields: BTreeMap<String, Value>,
    /// How the fields are masked.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) known_by: ValueFields,
}

/// What a customer is reached by beside their addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CustomerContact)]
pub struct ContactView {
    /// Its id.
    pub id: ContactId,
    /// What it is: `phone`.
    #[schema(value_type = String)]
    pub kind: ContactKind,
    /// A phone number; masked unless you may see it whole.
    pub value: String,
    /// Since when it is known.
    pub created_at: Timestamp,
}

/// A label that the platform did not take as a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabelRefusal {
    /// Which label.
    pub label_id: LabelId,
    /// On which account.
    pub channel_id: ChannelId,
    /// It was to be put on; otherwise taken off.
    pub on: bool,
    /// Why, in the platform's words.
    pub reason: String,
}

/// An address of a customer on a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Identity)]
pub struct IdentityView {
    /// Its id.
    pub id: IdentityId,
    /// The channel.
    pub channel_id: ChannelId,
    /// The platform's id of the customer on this channel.
    pub external_id: String,
    /// Whether the customer follows the account; absent when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub is_follower: Option<bool>,
    /// When a member ended the customer's follow; absent when none did, or the customer follows again since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub follow_removed_at: Option<Timestamp>,
    /// The customer takes no messages from us.
    pub is_blocked: bool,
    /// Newest message of the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_message_at: Option<Timestamp>,
    /// Newest interaction of any kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_interaction_at: Option<Timestamp>,
    /// Free replies left and until when; null when there is no free window.
    #[schema(required)]
    pub reply: Option<ReplyLeft>,
}

impl CustomerView {
    /// The same for somebody who may not see phone numbers whole.
    #[must_use]
    pub fn masked(mut self) -> Self {
        self.phone = self.phone.as_deref().map(crate::phone::mask);
        for contact in &mut self.contacts {
            contact.value = match contact.kind {
                ContactKind::Phone => crate::phone::mask(&contact.value),
            };
        }
        self.fields = self.known_by.masked(self.fields);
        self
    }

    /// The same for somebody who is limited to `channels`.
    #[must_use]
    pub fn within(mut self, channels: Option<&[ChannelId]>) -> Self {
        if let Some(channels) = channels {
            self.identities.retain(|identity| channels.contains(&identity.channel_id));
            self.label_refusals.retain(|refusal| channels.contains(&refusal.channel_id));
        }
        self
    }
}

/// Loads views of one workspace over one connection, unmasked and with all addresses.
pub struct Views<'a, C: ConnectionTrait> {
    /// Where to read.
    pub db: &'a C,
    /// Whose.
    pub workspace: WorkspaceId,
    /// The rule books, for free replies left.
    pub rules: &'a Library,
    /// The present.
    pub now: Timestamp,
}

impl<C: ConnectionTrait> Views<'_, C> {
    /// Views of these customers, in their order. Nine queries.
    pub async fn of(&self, rows: &[customers::Model]) -> Result<Vec<CustomerView>, Problem> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<CustomerId> = rows.iter().map(|row| CustomerId(row.id)).collect();
        let identities = loa_store::customers::identities_of(self.db, self.workspace, &ids).await?;
        let editions: HashMap<Uuid, String> =
            channels::list(self.db, self.workspace).await?.into_iter().map(|c| (c.id.0, c.edition)).collect();
        let mut by_customer: HashMap<Uuid, Vec<IdentityView>> = HashMap::new();
        for identity in &identities {
            // An address without its channel is about to go; it has no rules to follow.
            let Some(edition) = editions.get(&identity.channel_id) else { continue };
            let view = self.identity(identity, edition)?;
            by_customer.entry(identity.customer_id).or_default().push(view);
        }
        let mut labels = loa_store::labels::of_customers(self.db, self.workspace, &ids).await?;
        let known_by = ValueFields::load(self.db, self.workspace).await?;
        let mut known = loa_store::customers::details::of_customers(self.db, self.workspace, &ids).await?;
        let mut refusals: HashMap<CustomerId, Vec<LabelRefusal>> = HashMap::new();
        for failed in pushes::failed_of(self.db, self.workspace, &ids).await? {
            refusals.entry(failed.customer).or_default().push(LabelRefusal {
                label_id: failed.label,
                channel_id: failed.channel,
                on: failed.wished,
                reason: failed.reason,
            });
        }
        let mut contacts =
            loa_store::customers::contacts::of_customers(self.db, self.workspace, &ids).await?;
        let contact = |one: Contact| ContactView {
            id: one.id,
            kind: one.kind,
            value: one.value,
            created_at: one.created_at,
        };
        let groups =
            loa_store::customers::groups::of_customers(self.db, self.workspace, rows, self.now).await?;
        let mut contacts_of = |id: Uuid| -> Vec<ContactView> {
            contacts.remove(&CustomerId(id)).unwrap_or_default().into_iter().map(contact).collect()
        };
        let view = |row: &customers::Model| CustomerView {
            id: CustomerId(row.id),
            display_name: row.display_name.clone(),
            avatar_url: row.avatar_url.clone(),
            phone: row.phone.clone(),
            contacts: contacts_of(row.id),
            note: row.note.clone(),
            label_ids: labels.remove(&CustomerId(row.id)).unwrap_or_default(),
            label_refusals: refusals.remove(&CustomerId(row.id)).unwrap_or_default(),
            group: groups.get(&CustomerId(row.id)).copied(),
            created_at: Timestamp(row.created_at),
            identities: by_customer.remove(&row.id).unwrap_or_default(),
            fields: known.remove(&CustomerId(row.id)).map(|it| known_by.shown(&it)).unwrap_or_default(),
            known_by: known_by.clone(),
        };
        Ok(rows.iter().map(view).collect())
    }

    /// Views of the customers with these ids, in no order. Ten queries.
    pub async fn by_ids(&self, ids: &[CustomerId]) -> Result<Vec<CustomerView>, Problem> {
        let rows = loa_store::customers::by_ids(self.db, self.workspace, ids).await?;
        self.of(&rows).await
    }

    fn identity(&self, row: &customer_identities::Model, edition: &str) -> Result<IdentityView, Problem> {
        Ok(IdentityView {
            id: IdentityId(row.id),
            channel_id: ChannelId(row.channel_id),
            external_id: row.external_id.clone(),
            is_follower: row.is_follower,
            follow_removed_at: loa_store::customers::follow_removed_at(row),
            is_blocked: row.is_blocked,
            last_message_at: row.last_message_at.map(Timestamp),
            last_interaction_at: row.last_interaction_at.map(Timestamp),
            reply: loa_store::customers::reply_left(row, edition, self.rules, self.now)?,
        })
    }
}
