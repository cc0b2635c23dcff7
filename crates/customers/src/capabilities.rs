//! What the platform's packages allow, as far as the customers of an OA are concerned (features reference §6.6).
//!
//! The rule book says it by package; an administrator who knows better, or whose package has a new name, says it in a
//! table of their own. What neither says is not refused: the platform decides then.

use loa_kernel::{Action, Actor, Code, Object, Problem, Timestamp, WorkspaceId};
use loa_rulebook::{Library, PackageCapabilities};
use loa_store::changes::{self, NewChange};
use loa_store::channels::ChannelStatus;
use loa_store::{ConnectionTrait, audit, channels, packages};
use loa_stream::Topic;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Customers;

/// The longest name of a package, in characters.
const MAX_NAME_CHARS: usize = 100;

/// Something that a package allows or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Capability {
    CustomFields,
    TableFields,
    ListColumns,
    BulkLabels,
}

impl Capability {
    const fn as_str(self) -> &'static str {
        match self {
            Self::CustomFields => "custom_fields",
            Self::TableFields => "table_fields",
            Self::ListColumns => "list_columns",
            Self::BulkLabels => "bulk_labels",
        }
    }
}

/// What is allowed; null: not known, and not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    /// Fields that the business makes.
    #[serde(default)]
    pub custom_fields: Option<bool>,
    /// Such fields of the type table.
    #[serde(default)]
    pub table_fields: Option<bool>,
    /// Choosing the columns of the list.
    #[serde(default)]
    pub list_columns: Option<bool>,
    /// Labels on many customers at once.
    #[serde(default)]
    pub bulk_labels: Option<bool>,
    /// The chatbot's step that asks a condition.
    #[serde(default)]
    pub chatbot_conditions: Option<bool>,
}

impl From<PackageCapabilities> for Capabilities {
    fn from(book: PackageCapabilities) -> Self {
        let PackageCapabilities {
            custom_fields,
            table_fields,
            list_columns,
            bulk_labels,
            chatbot_conditions,
        } = book;
        Self { custom_fields, table_fields, list_columns, bulk_labels, chatbot_conditions }
    }
}

impl Capabilities {
    /// What two accounts allow together: what one of them allows is allowed; refused is what all refuse.
    fn or(self, other: Self) -> Self {
        let either = |a: Option<bool>, b: Option<bool>| match (a, b) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
        Self {
            custom_fields: either(self.custom_fields, other.custom_fields),
            table_fields: either(self.table_fields, other.table_fields),
            list_columns: either(self.list_columns, other.list_columns),
            bulk_labels: either(self.bulk_labels, other.bulk_labels),
            chatbot_conditions: either(self.chatbot_conditions, other.chatbot_conditions),
        }
    }

    fn get(self, capability: Capability) -> Option<bool> {
        match capability {
            Capability::CustomFields => self.custom_fields,
            Capability::TableFields => self.table_fields,
            Capability::ListColumns => self.list_columns,
            Capability::BulkLabels => self.bulk_labels,
        }
    }

    /// Refuse with `package_required` what no account's package allows.
    pub(crate) fn require(self, capability: Capability) -> Result<(), Problem> {
        match self.get(capability) {
            Some(false) => Err(Problem::new(Code::PackageRequired).param("capability", capability.as_str())),
            _ => Ok(()),
        }
    }
}

/// What the accounts of a workspace allow together. Without an account nothing is known.
pub(crate) async fn of_workspace(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    rules: &Library,
    now: Timestamp,
) -> Result<Capabilities, Problem> {
    let said = packages::list(conn, ws).await?;
    let accounts = channels::list(conn, ws).await?;
    let all = accounts.iter().filter(|account| account.status == ChannelStatus::Connected).map(|account| {
        account
            .package_name
            .as_deref()
            .map_or_else(Capabilities::default, |name| of_package(name, &said, rules, now))
    });
    Ok(all.reduce(Capabilities::or).unwrap_or_default())
}

fn of_package(name: &str, said: &[packages::SaidPackage], rules: &Library, now: Timestamp) -> Capabilities {
    let folded = packages::folded(name);
    let said = said.iter().find(|row| row.package == folded);
    said.and_then(|row| serde_json::from_value(row.capabilities.clone()).ok())
        .unwrap_or_else(|| rules.packages().capabilities(name, now).into())
}

/// A package and what it allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackageView {
    /// Its name, as the platform writes it.
    pub name: String,
    /// What it allows.
    pub capabilities: Capabilities,
    /// An administrator has said so; else the rule book does.
    pub said_here: bool,
    /// Accounts that have it.
    pub accounts: Vec<String>,
}

impl Customers {
    /// What the accounts of the workspace allow together.
    pub async fn capabilities(&self, actor: &Actor) -> Result<Capabilities, Problem> {
        actor.require(Object::Customer, Action::View)?;
        let now = self.ids.clock().now();
        of_workspace(self.store.reader(), actor.workspace, &self.rules, now).await
    }

    /// Every package that is sold, that an account has, or of which an administrator has said something.
    pub async fn packages(&self, actor: &Actor) -> Result<Vec<PackageView>, Problem> {
        actor.require(Object::Customer, Action::Configure)?;
        let now = self.ids.clock().now();
        let db = self.store.reader();
        let said = packages::list(db, actor.workspace).await?;
        let accounts = channels::list(db, actor.workspace).await?;
        let sold = self.rules.packages().lineups.iter().rev().flat_map(|lineup| &lineup.packages);
        let names = accounts
            .iter()
            .filter_map(|account| account.package_name.clone())
            .chain(said.iter().map(|row| row.name.clone()))
            .chain(sold.map(|package| package.name_vi.clone()));
        let mut views: Vec<PackageView> = Vec::new();
        for name in names {
            let folded = packages::folded(&name);
            if views.iter().any(|view| packages::folded(&view.name) == folded) {
                continue;
            }
            let theirs = |account: &&channels::Channel| {
                account.package_name.as_deref().is_some_and(|has| packages::folded(has) == folded)
            };
            views.push(PackageView {
                capabilities: of_package(&name, &said, &self.rules, now),
                said_here: said.iter().any(|row| row.package == folded),
                accounts: accounts.iter().filter(theirs).map(|account| account.name.clone()).collect(),
                name,
            });
        }
        Ok(views)
    }

    /// Say what a package allows (`Some`), or leave it to the rule book again.
    pub async fn say_package(
        &self,
        actor: &Actor,
        name: &str,
        capabilities: Option<Capabilities>,
    ) -> Result<Vec<PackageView>, Problem> {
        actor.require(Object::Customer, Action::Configure)?;
        let name = name.replace('\0', "").trim().to_owned();
        if packages::folded(&name).is_empty() {
            return Err(Problem::invalid("name", "empty"));
        }
        if name.chars().count() > MAX_NAME_CHARS {
            return Err(Problem::invalid("name", "too_long").param("max", MAX_NAME_CHARS));
        }
        if capabilities.is_some_and(|c| c.custom_fields == Some(false) && c.table_fields == Some(true)) {
            return Err(Problem::invalid("capabilities/table_fields", "needs_custom_fields"));
        }
        let now = self.ids.clock().now();
        let tx = self.store.begin().await?;
        match capabilities {
            Some(said) => {
                let said = serde_json::to_value(said).map_err(Problem::internal)?;
                packages::put(&tx, actor.workspace, &name, said, actor.member, now).await?;
            }
            None => {
                packages::remove(&tx, actor.workspace, &name).await?;
            }
        }
        let entry = audit::AuditEntry {
            id: self.ids.next(),
            at: now,
            actor: Some(actor.member),
            action: "package.said".into(),
            object: "package".into(),
            object_id: name,
            detail: serde_json::json!({ "capabilities": capabilities }),
        };
        audit::append(&tx, actor.workspace, &entry).await?;
        changes::append(&tx, actor.workspace, &[NewChange::fields(actor.workspace)], now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(actor.workspace));
        self.packages(actor).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_account_allows_is_allowed() {
        let with = |custom_fields| Capabilities { custom_fields, ..Capabilities::default() };
        for (a, b, both) in [
            (Some(true), Some(false), Some(true)),
            (Some(false), Some(false), Some(false)),
            (Some(false), None, None),
            (None, Some(true), Some(true)),
        ] {
            assert_eq!(with(a).or(with(b)).custom_fields, both, "{a:?} {b:?}");
            assert_eq!(with(b).or(with(a)).custom_fields, both, "{b:?} {a:?}");
        }
        assert!(with(None).require(Capability::CustomFields).is_ok());
        assert!(with(Some(true)).require(Capability::CustomFields).is_ok());
        assert_eq!(
            with(Some(false)).require(Capability::CustomFields).unwrap_err().code,
            Code::PackageRequired
        );
    }
}
