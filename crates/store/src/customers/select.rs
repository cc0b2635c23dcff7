//! A filter as SQL: which customers fulfil it, asked of the database itself.
//!
//! It agrees with [`loa_filter::matches`] over [`super::records`] on every tree; a test with thousands of random trees on
//! both databases says so. Values are always bound; keys of fields that are written into the text are held against
//! [`safe_key`].

use loa_filter::{Ask, At, Condition, Field, FieldKind, Span, Test, Texts};
use loa_kernel::{ChannelId, CustomerId, LabelId, MemberId, Timestamp, WorkspaceId};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use uuid::Uuid;

use super::details::stored_key;
use super::records::{group, key};
use crate::{Result, StoreError, dialect};

/// How many customers fulfil the condition at `now`.
pub async fn count(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    condition: &Condition,
    now: Timestamp,
) -> Result<u64> {
    let statement = Sql::new(conn.get_database_backend(), now).select("COUNT(*) AS n", ws, condition, "")?;
    let row = conn.query_one_raw(statement).await?;
    let n: i64 = row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0);
    Ok(u64::try_from(n).unwrap_or(0))
}

/// At most `limit` customers who fulfil the condition at `now`, in the order of their ids, after one of them.
pub async fn ids(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    condition: &Condition,
    after: Option<CustomerId>,
    limit: u64,
    now: Timestamp,
) -> Result<Vec<CustomerId>> {
    let mut sql = Sql::new(conn.get_database_backend(), now);
    sql.after = after;
    let statement = sql.select("c.id AS id", ws, condition, &format!(" ORDER BY c.id LIMIT {limit}"))?;
    let rows = conn.query_all_raw(statement).await?;
    rows.into_iter().map(|row| Ok(CustomerId(row.try_get::<Uuid>("", "id")?))).collect()
}

/// A statement while it is written.
struct Sql {
    backend: DbBackend,
    now: Timestamp,
    after: Option<CustomerId>,
    text: String,
    values: Vec<Value>,
}

impl Sql {
    fn new(backend: DbBackend, now: Timestamp) -> Self {
        Self { backend, now, after: None, text: String::new(), values: Vec::new() }
    }

    fn select(mut self, what: &str, ws: WorkspaceId, condition: &Condition, end: &str) -> Result<Statement> {
        self.put(&format!(
            "SELECT {what} FROM customers AS c LEFT JOIN customer_details AS d \
             ON d.workspace_id = c.workspace_id AND d.customer_id = c.id WHERE c.workspace_id = "
        ));
        self.bind(ws.0.into());
        if let Some(after) = self.after {
            self.put(" AND c.id > ");
            self.bind(after.0.into());
        }
        self.put(" AND ");
        self.condition(condition)?;
        self.put(end);
        Ok(Statement::from_sql_and_values(self.backend, self.text, self.values))
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn bind(&mut self, value: Value) {
        self.values.push(value);
        let placeholder = dialect::placeholder(self.backend, self.values.len());
        self.put(&placeholder);
    }

    /// `(a, b, c)`.
    fn bind_list(&mut self, values: impl IntoIterator<Item = Value>) {
        for (at, value) in values.into_iter().enumerate() {
            self.put(if at == 0 { "(" } else { ", " });
            self.bind(value);
        }
        self.put(")");
    }

    fn condition(&mut self, condition: &Condition) -> Result<()> {
        match condition {
            Condition::All(all) if all.is_empty() => self.put("TRUE"),
            Condition::All(all) => self.joined(all, " AND ")?,
            Condition::Any(any) => self.joined(any, " OR ")?,
            Condition::Test(test) => self.test(test)?,
        }
        Ok(())
    }

    fn joined(&mut self, parts: &[Condition], word: &str) -> Result<()> {
        for (at, part) in parts.iter().enumerate() {
            self.put(if at == 0 { "(" } else { word });
            self.condition(part)?;
        }
        self.put(")");
        Ok(())
    }

    /// Everything that may be unknown ends in `IS TRUE` or `IS NOT TRUE`, so that "not" of the unknown holds.
    fn test(&mut self, test: &Test) -> Result<()> {
        match test.field.key.as_str() {
            key::LABELS => self.members(&test.ask, "customer_labels", "label_id", |id| {
                Ok(id.parse::<LabelId>().map_err(|_| gone(id))?.0.into())
            }),
            key::ASSIGNEES => self.members(&test.ask, "conversations", "assignee_id", |id| {
                Ok(id.parse::<MemberId>().map_err(|_| gone(id))?.0.into())
            }),
            key::CHANNELS => self.members(&test.ask, "customer_identities", "channel_id", |id| {
                Ok(id.parse::<ChannelId>().map_err(|_| gone(id))?.0.into())
            }),
            key::GROUPS => self.groups(&test.ask),
            _ if test.field.kind == FieldKind::Table => self.table(test),
            _ => {
                let value = self.value(&test.field)?;
                self.compare(&test.ask, &value)
            }
        }
    }

    /// A set that another table holds: one row a member of it.
    fn members(
        &mut self,
        ask: &Ask,
        table: &str,
        column: &str,
        id: impl Fn(&str) -> Result<Value>,
    ) -> Result<()> {
        let exists = format!(
            "EXISTS (SELECT 1 FROM {table} AS x WHERE x.workspace_id = c.workspace_id AND x.customer_id = c.id AND x.{column} "
        );
        let one = |sql: &mut Self, ids: &[String], wanted: bool| -> Result<()> {
            sql.put(if wanted { "" } else { "NOT " });
            sql.put(&exists);
            sql.put("IN ");
            let ids = ids.iter().map(|text| id(text)).collect::<Result<Vec<_>>>()?;
            sql.bind_list(ids);
            sql.put(")");
            Ok(())
        };
        match ask {
            Ask::Known(known) => {
                self.put(if *known { "" } else { "NOT " });
                self.put(&exists);
                self.put("IS NOT NULL)");
            }
            Ask::Any(ids, wanted) => one(self, ids, *wanted)?,
            Ask::AllOf(ids) => {
                for (at, id) in ids.iter().enumerate() {
                    self.put(if at == 0 { "(" } else { " AND " });
                    one(self, std::slice::from_ref(id), true)?;
                }
                self.put(")");
            }
            other => return Err(strange(other)),
        }
        Ok(())
    }

    fn groups(&mut self, ask: &Ask) -> Result<()> {
        match ask {
            // Everybody follows or does not.
            Ask::Known(known) => self.put(if *known { "TRUE" } else { "FALSE" }),
            Ask::Any(groups, wanted) => {
                self.put(if *wanted { "" } else { "NOT " });
                self.each_group(groups, " OR ")?;
            }
            Ask::AllOf(groups) => self.each_group(groups, " AND ")?,
            other => return Err(strange(other)),
        }
        Ok(())
    }

    fn each_group(&mut self, groups: &[String], word: &str) -> Result<()> {
        for (at, name) in groups.iter().enumerate() {
            self.put(if at == 0 { "(" } else { word });
            match name.as_str() {
                group::FOLLOWING => self.put(FOLLOWS),
                group::NOT_FOLLOWING => self.put(&format!("NOT {FOLLOWS}")),
                group::RESTRICTED => self.phone_in(group::RESTRICTED),
                group::PRIORITY => {
                    self.put("(");
                    self.phone_in(group::PRIORITY);
                    self.put(" AND NOT ");
                    self.phone_in(group::RESTRICTED);
                    self.put(")");
                }
                other => return Err(gone(other)),
            }
        }
        self.put(")");
        Ok(())
    }

    fn phone_in(&mut self, group: &str) {
        self.put(
            "EXISTS (SELECT 1 FROM group_phones AS x WHERE x.workspace_id = c.workspace_id AND x.phone = c.phone AND x.\"group\" = ",
        );
        self.bind(group.into());
        self.put(" AND (x.expires_at IS NULL OR x.expires_at > ");
        self.bind(self.now.0.into());
        self.put("))");
    }

    fn table(&mut self, test: &Test) -> Result<()> {
        let key = safe_key(&test.field)?;
        match &test.ask {
            Ask::Known(known) => {
                let fact = dialect::json_fact(self.backend, "d.facts", key);
                self.put(&format!("{fact} IS {}NULL", if *known { "NOT " } else { "" }));
            }
            Ask::Row(row, text) => {
                // SQLite has no way to a key that may hold any character but to walk over all.
                let (open, close) = match self.backend {
                    DbBackend::Sqlite => (
                        format!(
                            "EXISTS (SELECT 1 FROM json_each(d.facts, '$.\"{key}\"') AS x WHERE x.key = "
                        ),
                        " AND x.value = ",
                    ),
                    _ => (format!("(((d.facts -> '{key}') ->> "), ") = "),
                };
                self.put(&open);
                self.bind(row.as_str().into());
                self.put(close);
                self.bind(text.folded.as_str().into());
                self.put(if self.backend == DbBackend::Sqlite { ")" } else { ") IS TRUE" });
            }
            other => return Err(strange(other)),
        }
        Ok(())
    }

    /// Where the value of a field stands; NULL: not known.
    fn value(&self, field: &Field) -> Result<String> {
        Ok(match field.key.as_str() {
            key::NAME => "NULLIF(c.name_folded, '')".to_owned(),
            key::PHONE => "NULLIF(c.phone, '')".to_owned(),
            key::CREATED_AT => "c.created_at".to_owned(),
            key::LAST_INTERACTION_AT => "(SELECT MAX(x.last_interaction_at) FROM customer_identities AS x \
                 WHERE x.workspace_id = c.workspace_id AND x.customer_id = c.id)"
                .to_owned(),
            _ => {
                let key = safe_key(field)?;
                match field.kind {
                    FieldKind::Number | FieldKind::Datetime => {
                        dialect::json_number(self.backend, "d.facts", key)
                    }
                    FieldKind::Boolean => dialect::json_truth(self.backend, "d.facts", key),
                    _ => dialect::json_text(self.backend, "d.facts", key),
                }
            }
        })
    }

    fn compare(&mut self, ask: &Ask, value: &str) -> Result<()> {
        let is = |wanted: bool| if wanted { ") IS TRUE" } else { ") IS NOT TRUE" };
        match ask {
            Ask::Known(known) => self.put(&format!("{value} IS {}NULL", if *known { "NOT " } else { "" })),
            Ask::Text(texts, wanted) => {
                self.put("(");
                self.text(texts, value);
                self.put(is(*wanted));
            }
            Ask::Choice(ids, wanted) => {
                self.put(&format!("({value} IN "));
                self.bind_list(ids.iter().map(|id| id.as_str().into()));
                self.put(is(*wanted));
            }
            Ask::Number(from, to) => self.between(value, from.map(|n| n.0), to.map(|n| n.0), "<="),
            Ask::NumberIsNot(n) => {
                self.put(&format!("({value} = "));
                self.bind(n.0.into());
                self.put(is(false));
            }
            Ask::Time(when) => match when.at(self.now) {
                At::Span(Span { from, until }) => self.between(value, from, until, "<"),
                At::EveryYear(first, last) => {
                    let day = dialect::day_of_year(self.backend, value);
                    self.put(&format!("({day} >= "));
                    self.bind(i32::from(first.0).into());
                    // Over the end of the year.
                    self.put(&format!(" {} {day} <= ", if first <= last { "AND" } else { "OR" }));
                    self.bind(i32::from(last.0).into());
                    self.put(is(true));
                }
            },
            Ask::Truth(truth) => {
                self.put(&format!("({value} = {}", if *truth { "TRUE" } else { "FALSE" }));
                self.put(is(true));
            }
            other => return Err(strange(other)),
        }
        Ok(())
    }

    fn text(&mut self, texts: &Texts, value: &str) {
        match texts {
            Texts::Is(list) => {
                self.put(&format!("{value} IN "));
                self.bind_list(list.iter().map(|one| one.folded.as_str().into()));
            }
            Texts::Contains(part) => {
                self.put(&format!("{}({value}, ", dialect::position_function(self.backend)));
                self.bind(part.folded.as_str().into());
                self.put(") > 0");
            }
            Texts::StartsWith(part) => {
                let chars = part.folded.chars().count();
                self.put(&format!("substr({value}, 1, {chars}) = "));
                self.bind(part.folded.as_str().into());
            }
        }
    }

    /// From `from` on; `end` says whether `to` belongs to it.
    fn between(&mut self, value: &str, from: Option<i64>, to: Option<i64>, end: &str) {
        self.put(&format!("({value} IS NOT NULL"));
        if let Some(from) = from {
            self.put(&format!(" AND {value} >= "));
            self.bind(from.into());
        }
        if let Some(to) = to {
            self.put(&format!(" AND {value} {end} "));
            self.bind(to.into());
        }
        self.put(") IS TRUE");
    }
}

const FOLLOWS: &str = "EXISTS (SELECT 1 FROM customer_identities AS x WHERE x.workspace_id = c.workspace_id \
     AND x.customer_id = c.id AND x.is_follower = TRUE)";

/// The key of a field that stands among the facts: only letters, digits and underscores, because it is written into
/// the text of a statement.
fn safe_key(field: &Field) -> Result<&str> {
    let key = stored_key(&field.key);
    let safe = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    safe.then_some(key).ok_or_else(|| StoreError::Other(format!("{:?} is no key of a field", field.key)))
}

fn gone(id: &str) -> StoreError {
    StoreError::Other(format!("{id:?} passed the catalogue and is no such id"))
}

fn strange(ask: &Ask) -> StoreError {
    StoreError::Other(format!("{ask:?} cannot be asked of this field"))
}
