//! What a platform keeps of an account's people besides their threads: fields and values, the list, and the follow
//! that an account may end.

use std::sync::Arc;

use jiff::civil::Date;
use loa_kernel::{ChannelId, Problem, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::hub::unreachable;
use crate::{Account, CallError, Channels, Connector, Profile, Refusal};

/// What a field of the platform holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlatformFieldKind {
    /// A text.
    Text,
    /// A whole number or a decimal.
    Number,
    /// True or false.
    Boolean,
    /// A date or an instant.
    Datetime,
    /// Pairs of key and text, one level deep.
    Table,
    /// A mail address.
    Email,
    /// A phone number, country code first.
    Phone,
    /// A web address.
    Url,
}

impl PlatformFieldKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Text,
        Self::Number,
        Self::Boolean,
        Self::Datetime,
        Self::Table,
        Self::Email,
        Self::Phone,
        Self::Url,
    ];

    /// As it travels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Datetime => "datetime",
            Self::Table => "table",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Url => "url",
        }
    }
}

/// A field that the platform keeps of every person of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformField {
    /// Its key there; never changes.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// What it is for; empty: nobody said.
    pub help: String,
    /// What it holds; never changes.
    pub kind: PlatformFieldKind,
    /// Keys of a table; empty for every other kind. They can be added, not removed or renamed.
    pub keys: Vec<String>,
    /// How a datetime is shown, in the platform's notation (`rules/people.toml`).
    pub format: Option<String>,
    /// The platform's own: it can be neither changed nor deleted.
    pub system: bool,
}

/// An address. Read, `city` and `ward` are names. Written, they must be the codes of the administrative units since
/// 2025 (`"79"`, `"27343"`), because the platform takes nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlatformAddress {
    /// City or province.
    pub city: Option<String>,
    /// Ward or commune.
    pub ward: Option<String>,
    /// Street and number.
    pub line: Option<String>,
}

/// What the platform knows of a person. Read, `None` is "nothing there"; written, `None` leaves what is there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlatformValues {
    /// Name.
    pub name: Option<String>,
    /// Phone, country code first.
    pub phone: Option<String>,
    /// Birthday.
    pub birthday: Option<Date>,
    /// `male`, `female` or `other`.
    pub gender: Option<String>,
    /// Address.
    pub address: Option<PlatformAddress>,
    /// The business's own id of the person.
    pub external_id: Option<String>,
    /// Parameter of the last dynamic address that the person visited. Only read.
    pub dynamic_param: Option<String>,
    /// Values of the account's own fields by key. Read, each is a text, also of numbers and booleans, and a table an
    /// object of texts. Written, any scalar or an object of scalars; null takes the value away. `None`: nothing told,
    /// nothing to write.
    pub custom: Option<Map<String, Json>>,
}

/// Which people of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleQuery {
    /// Skip so many. The platform refuses more than its list reaches (`rules/people.toml`): cut by `period` then.
    pub offset: u32,
    /// At most so many.
    pub count: u32,
    /// Whose last interaction was between these days of Vietnam, both included.
    pub period: Option<(Date, Date)>,
    /// Followers only, or others only.
    pub follower: Option<bool>,
    /// With this tag.
    pub tag: Option<String>,
}

/// A page of people. The order is the platform's and documented nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeoplePage {
    /// How many fit the question in all.
    pub total: u64,
    /// Their ids.
    pub users: Vec<String>,
}

/// What became of asking the platform to end a person's follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FollowRemoval {
    /// The person does not follow any more.
    Done,
    /// The platform offers no call for it (platform reference §8.6), and none is configured. Nothing was asked.
    NotOffered,
    /// The platform said no; nothing happened.
    Rejected {
        /// The platform's number.
        code: i32,
        /// The platform's text.
        message: String,
        /// What it means.
        refusal: Refusal,
    },
    /// The call certainly did not reach the platform.
    NotSent {
        /// Why, for the operator.
        reason: String,
    },
    /// The call may have been carried out. It must not be repeated before somebody looked.
    Unknown {
        /// Why, for the operator.
        reason: String,
    },
}

impl Channels {
    async fn ask_connector<T, F, Fut>(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        question: F,
    ) -> Result<T, CallError>
    where
        F: Fn(Arc<dyn Connector>, Account) -> Fut,
        Fut: Future<Output = Result<T, CallError>>,
    {
        let connector = self.connector_of(ws, channel).await.map_err(unreachable)?;
        self.ask(ws, channel, |account| question(connector.clone(), account)).await
    }

    /// Definitions of the account's fields, the platform's own ones too.
    pub async fn fields(&self, ws: WorkspaceId, channel: ChannelId) -> Result<Vec<PlatformField>, CallError> {
        self.ask_connector(ws, channel, |connector, account| async move { connector.fields(&account).await })
            .await
    }

    /// Make a field.
    pub async fn create_field(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        field: &PlatformField,
    ) -> Result<(), CallError> {
        self.ask_connector(ws, channel, |connector, account| async move {
            connector.create_field(&account, field).await
        })
        .await
    }

    /// Change a field; see [`crate::Connector::update_field`].
    pub async fn update_field(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        field: &PlatformField,
    ) -> Result<(), CallError> {
        self.ask_connector(ws, channel, |connector, account| async move {
            connector.update_field(&account, field).await
        })
        .await
    }

    /// Delete a field with everybody's values of it.
    pub async fn delete_field(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        key: &str,
    ) -> Result<(), CallError> {
        self.ask_connector(ws, channel, |connector, account| async move {
            connector.delete_field(&account, key).await
        })
        .await
    }

    /// What the platform knows of a person.
    pub async fn values(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        user: &str,
    ) -> Result<PlatformValues, CallError> {
        self.ask_connector(
            ws,
            channel,
            |connector, account| async move { connector.values(&account, user).await },
        )
        .await
    }

    /// Write what is `Some`; see [`crate::Connector::put_values`].
    pub async fn put_values(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        user: &str,
        values: &PlatformValues,
    ) -> Result<(), CallError> {
        self.ask_connector(ws, channel, |connector, account| async move {
            connector.put_values(&account, user, values).await
        })
        .await
    }

    /// A page of the account's people.
    pub async fn people(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        query: &PeopleQuery,
    ) -> Result<PeoplePage, CallError> {
        self.ask_connector(ws, channel, |connector, account| async move {
            connector.people(&account, query).await
        })
        .await
    }

    /// The profile of a person, read now.
    pub async fn profile(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        user: &str,
    ) -> Result<Profile, CallError> {
        self.ask_connector(ws, channel, |connector, account| async move {
            connector.profile(&account, user).await
        })
        .await
    }

    /// The platform's own console, where administrators do what it offers no call for.
    pub fn console_url(&self) -> Option<&str> {
        self.settings.console_url.as_deref()
    }

    /// Can a person's follow be ended from here? Otherwise [`Channels::remove_follower`] answers
    /// [`FollowRemoval::NotOffered`] without asking anybody.
    pub async fn removes_followers(&self, ws: WorkspaceId, channel: ChannelId) -> Result<bool, Problem> {
        Ok(self.connector_of(ws, channel).await?.removes_followers())
    }

    /// End a person's follow. A refusal because of the token is followed by one renewal and one repetition, which is
    /// safe because nothing was done; nothing else is repeated.
    ///
    /// # Errors
    /// Nothing was asked of the platform: `channel_disconnected`, or `platform_unavailable` when there is no usable
    /// token at the moment.
    pub async fn remove_follower(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        user: &str,
    ) -> Result<FollowRemoval, Problem> {
        let connector = self.connector_of(ws, channel).await?;
        if !connector.removes_followers() {
            return Ok(FollowRemoval::NotOffered);
        }
        let account = self.tokens.access(ws, channel).await?;
        let first = connector.remove_follower(&account, user).await;
        if !is_token(&first) {
            return Ok(first);
        }
        let account = self.tokens.renew(ws, channel, account.generation).await?;
        let second = connector.remove_follower(&account, user).await;
        if is_token(&second) {
            self.tokens.mark_reconnect(ws, channel, "token_refused").await?;
        }
        Ok(second)
    }
}

fn is_token(outcome: &FollowRemoval) -> bool {
    matches!(outcome, FollowRemoval::Rejected { refusal: Refusal::Token, .. })
}
