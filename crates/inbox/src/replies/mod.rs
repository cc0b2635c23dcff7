//! Canned replies: the list that a workspace and its members keep, and what they say in a thread.
//!
//! Invariants:
//! - A personal reply is its owner's alone: for everybody else it is not there.
//! - What is saved can be filled: its variables are of the table ([`template`]).
//! - A text is filled on the server, with what the member who asks may see and nothing else.

pub mod fit;
pub mod template;

use std::collections::HashMap;

use loa_kernel::{
    Action, Actor, CannedReplyId, Code, ConversationId, FileId, Object, Problem, Timestamp, fold_vi,
};
use loa_rulebook::{EditionChoice, MessagingRules};
use loa_store::canned_replies::{self as rows, Content};
use loa_store::customers::details;
use loa_store::customers::fields::{self, Privacy};
use loa_store::entity::{canned_replies, conversations, files};
use loa_store::{ConnectionTrait, StoreError, channels, customers, members, workspaces};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Inbox;
use crate::ownership::{may, require};
use crate::views::FileView;
use fit::Fit;
use template::{Filled, Template, Values, Variable, first_name};

/// The longest shortcut, title and text, in characters. The text is far above what any platform takes, so that one which
/// has to be shortened is not lost.
const MAX_SHORTCUT_CHARS: usize = 40;
const MAX_TITLE_CHARS: usize = 120;
const MAX_TEXT_CHARS: usize = 10_000;
/// The most files of one reply.
const MAX_FILES: usize = 10;

/// A canned reply as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = CannedReply)]
pub struct ReplyView {
    /// Its id.
    pub id: CannedReplyId,
    /// What is typed after "/" to find it.
    pub shortcut: String,
    /// What it is called.
    pub title: String,
    /// The text with its variables.
    pub text: String,
    /// Files that go with it.
    pub files: Vec<FileView>,
    /// Only its owner has it: you.
    pub personal: bool,
    /// May you change and remove it?
    pub editable: bool,
    /// How often it was used.
    pub used_count: i64,
    /// When it was used last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_used_at: Option<Timestamp>,
    /// What it would be as messages, by the rules of the accounts there are, filled with an example.
    pub fit: Fit,
}

/// A canned reply as it reads in one thread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = FilledReply)]
pub struct FilledReplyView {
    /// Its id.
    pub id: CannedReplyId,
    /// What is typed after "/" to find it.
    pub shortcut: String,
    /// What it is called.
    pub title: String,
    /// The text, filled for you and this thread.
    pub text: String,
    /// Variables that are not known here and have nothing to stand for them.
    pub missing: Vec<Variable>,
    /// Files that go with it.
    pub files: Vec<FileView>,
    /// Only you have it.
    pub personal: bool,
    /// How often it was used.
    pub used_count: i64,
    /// What it would be as messages, by the rules of this thread's account.
    pub fit: Fit,
}

/// A text as it would read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReplyPreview)]
pub struct PreviewView {
    /// The text, filled with an example.
    pub text: String,
    /// What it would be as messages.
    pub fit: Fit,
}

/// A canned reply as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyInput {
    /// What is typed after "/" to find it: without blanks, unique without regard to diacritics and case.
    pub shortcut: String,
    /// What it is called; when it is blank, its shortcut.
    #[serde(default)]
    pub title: String,
    /// The text with its variables; may be empty when there are files.
    pub text: String,
    /// Uploaded files.
    #[serde(default)]
    pub file_ids: Vec<FileId>,
    /// Only for you; otherwise for everybody.
    pub personal: bool,
}

impl Inbox {
    /// What the actor may use, by shortcut.
    pub async fn replies(&self, actor: &Actor) -> Result<Vec<ReplyView>, Problem> {
        actor.require(Object::CannedReply, Action::View)?;
        let db = self.store.reader();
        let rows = rows::visible(db, actor.workspace, actor.member).await?;
        self.reply_views(actor, db, &rows).await
    }

    async fn reply_views<C: ConnectionTrait>(
        &self,
        actor: &Actor,
        db: &C,
        rows: &[canned_replies::Model],
    ) -> Result<Vec<ReplyView>, Problem> {
        let files = self.reply_files(actor, db, rows).await?;
        let editions = self.editions(actor, db).await?;
        let example = self.example(actor, db).await?;
        rows.iter()
            .map(|row| {
                let own: Vec<&files::Model> = files_of(row, &files)?;
                let filled = filled(&row.text, &example);
                let personal = rows::owner(row).is_some();
                Ok(ReplyView {
                    id: CannedReplyId(row.id),
                    shortcut: row.shortcut.clone(),
                    title: row.title.clone(),
                    text: row.text.clone(),
                    files: own.iter().map(|file| FileView::new(file)).collect(),
                    personal,
                    editable: may(actor, Object::CannedReply, Action::Edit, personal),
                    used_count: row.used_count,
                    last_used_at: row.last_used_at.map(Timestamp),
                    fit: Fit::of(&filled.text, &own, &editions),
                })
            })
            .collect()
    }

    /// The same as they read in a thread of the actor's.
    pub async fn filled_replies(
        &self,
        actor: &Actor,
        conversation: ConversationId,
    ) -> Result<Vec<FilledReplyView>, Problem> {
        actor.require(Object::CannedReply, Action::View)?;
        let db = self.store.reader();
        let thread = self.visible_thread(db, actor, Action::View, conversation).await?;
        let rows = rows::visible(db, actor.workspace, actor.member).await?;
        let files = self.reply_files(actor, db, &rows).await?;
        let values = self.values(actor, db, &thread).await?;
        let account = channels::get(db, actor.workspace, loa_kernel::ChannelId(thread.channel_id)).await?;
        let editions: Vec<&MessagingRules> =
            account.iter().map(|account| self.rules_of(&account.edition)).collect();
        rows.iter()
            .map(|row| {
                let own: Vec<&files::Model> = files_of(row, &files)?;
                let Filled { text, missing } = filled(&row.text, &values);
                Ok(FilledReplyView {
                    id: CannedReplyId(row.id),
                    shortcut: row.shortcut.clone(),
                    title: row.title.clone(),
                    fit: Fit::of(&text, &own, &editions),
                    text,
                    missing,
                    files: own.iter().map(|file| FileView::new(file)).collect(),
                    personal: rows::owner(row).is_some(),
                    used_count: row.used_count,
                })
            })
            .collect()
    }

    /// A text that is being written, filled with an example. Errors: as of [`Template::parse`].
    pub async fn preview_reply(
        &self,
        actor: &Actor,
        text: &str,
        file_ids: &[FileId],
    ) -> Result<PreviewView, Problem> {
        actor.require(Object::CannedReply, Action::View)?;
        let db = self.store.reader();
        let template = known_template(db, actor, text).await?;
        let files = loa_store::files::by_ids(db, actor.workspace, file_ids).await?;
        let own: Vec<&files::Model> =
            file_ids.iter().filter_map(|id| files.iter().find(|file| file.id == id.0)).collect();
        let editions = self.editions(actor, db).await?;
        let text = template.fill(&self.example(actor, db).await?).text;
        Ok(PreviewView { fit: Fit::of(&text, &own, &editions), text })
    }

    /// Make one.
    ///
    /// Errors: `invalid_field`; `conflict` with the reason `shortcut` when you, or everybody, have one of this shortcut;
    /// `forbidden` for everybody's without the right.
    pub async fn create_reply(&self, actor: &Actor, input: &ReplyInput) -> Result<ReplyView, Problem> {
        require(actor, Object::CannedReply, Action::Create, input.personal)?;
        let content = self.checked(actor, input).await?;
        let (id, now): (CannedReplyId, _) = (self.ids.next(), self.now());
        let tx = self.store.begin().await?;
        rows::create(&tx, actor.workspace, id, actor.member, &content, now).await.map_err(taken)?;
        let view = self.one_reply(actor, &tx, id).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Write one anew. Errors: as of [`Inbox::create_reply`], and `not_found`.
    pub async fn edit_reply(
        &self,
        actor: &Actor,
        id: CannedReplyId,
        input: &ReplyInput,
    ) -> Result<ReplyView, Problem> {
        let row = self.reply(actor, self.store.reader(), id).await?;
        require(actor, Object::CannedReply, Action::Edit, rows::owner(&row).is_some())?;
        require(actor, Object::CannedReply, Action::Edit, input.personal)?;
        let content = self.checked(actor, input).await?;
        let now = self.now();
        let tx = self.store.begin().await?;
        if !rows::update(&tx, actor.workspace, id, &content, now).await.map_err(taken)? {
            return Err(Problem::not_found("canned_reply"));
        }
        let view = self.one_reply(actor, &tx, id).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Remove one.
    pub async fn delete_reply(&self, actor: &Actor, id: CannedReplyId) -> Result<(), Problem> {
        let row = self.reply(actor, self.store.reader(), id).await?;
        require(actor, Object::CannedReply, Action::Delete, rows::owner(&row).is_some())?;
        let tx = self.store.begin().await?;
        rows::delete(&tx, actor.workspace, id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// It was put into a message: count it.
    pub async fn use_reply(&self, actor: &Actor, id: CannedReplyId) -> Result<(), Problem> {
        self.reply(actor, self.store.reader(), id).await?;
        let now = self.now();
        let tx = self.store.begin().await?;
        rows::used(&tx, actor.workspace, id, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// One that the actor may use; else `not_found`.
    pub async fn reply(
        &self,
        actor: &Actor,
        db: &impl ConnectionTrait,
        id: CannedReplyId,
    ) -> Result<canned_replies::Model, Problem> {
        actor.require(Object::CannedReply, Action::View)?;
        let row = rows::get(db, actor.workspace, actor.member, id).await?;
        row.ok_or_else(|| Problem::not_found("canned_reply"))
    }

    async fn one_reply<C: ConnectionTrait>(
        &self,
        actor: &Actor,
        db: &C,
        id: CannedReplyId,
    ) -> Result<ReplyView, Problem> {
        let row = self.reply(actor, db, id).await?;
        let mut views = self.reply_views(actor, db, &[row]).await?;
        views.pop().ok_or_else(|| Problem::not_found("canned_reply"))
    }

    async fn checked(&self, actor: &Actor, input: &ReplyInput) -> Result<Content, Problem> {
        let clean = |text: &str| text.replace('\0', "").trim().to_owned();
        let shortcut = clean(input.shortcut.trim_start().trim_start_matches('/'));
        if fold_vi(&shortcut).is_empty() {
            return Err(Problem::invalid("shortcut", "empty"));
        }
        if shortcut.chars().any(|c| c.is_whitespace() || c == '/') {
            return Err(Problem::invalid("shortcut", "blank_or_slash"));
        }
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let title = Some(line(&clean(&input.title))).filter(|t| !t.is_empty());
        let title = title.unwrap_or_else(|| shortcut.clone());
        let text = clean(&input.text);
        let limits = [
            ("shortcut", &shortcut, MAX_SHORTCUT_CHARS),
            ("title", &title, MAX_TITLE_CHARS),
            ("text", &text, MAX_TEXT_CHARS),
        ];
        for (field, text, max) in limits {
            if text.chars().count() > max {
                return Err(Problem::invalid(field, "too_long").param("max", max));
            }
        }
        known_template(self.store.reader(), actor, &text).await?;
        if text.is_empty() && input.file_ids.is_empty() {
            return Err(Problem::new(Code::EmptyMessage));
        }
        if input.file_ids.len() > MAX_FILES {
            return Err(Problem::new(Code::TooManyAttachments).param("max", MAX_FILES));
        }
        let files = loa_store::files::by_ids(self.store.reader(), actor.workspace, &input.file_ids).await?;
        if input.file_ids.iter().any(|id| !files.iter().any(|file| file.id == id.0)) {
            return Err(Problem::invalid("file_ids", "unknown_file"));
        }
        let owner = input.personal.then_some(actor.member);
        Ok(Content { owner, shortcut, title, text, files: input.file_ids.clone() })
    }

    async fn reply_files(
        &self,
        actor: &Actor,
        db: &impl ConnectionTrait,
        rows: &[canned_replies::Model],
    ) -> Result<HashMap<Uuid, files::Model>, Problem> {
        let mut ids = Vec::new();
        for row in rows {
            ids.extend(rows::files(row)?);
        }
        ids.sort_unstable();
        ids.dedup();
        let found = loa_store::files::by_ids(db, actor.workspace, &ids).await?;
        Ok(found.into_iter().map(|file| (file.id, file)).collect())
    }

    /// The rules that a choice of edition means now.
    fn rules_of(&self, edition: &str) -> &MessagingRules {
        self.rules.resolve(&edition.parse::<EditionChoice>().unwrap_or_default(), self.now())
    }

    /// The rules of the accounts there are; without one, those that a new one would follow.
    async fn editions(
        &self,
        actor: &Actor,
        db: &impl ConnectionTrait,
    ) -> Result<Vec<&MessagingRules>, Problem> {
        let mut editions: Vec<&MessagingRules> = channels::list(db, actor.workspace)
            .await?
            .iter()
            .map(|account| self.rules_of(&account.edition))
            .collect();
        if editions.is_empty() {
            editions.push(self.rules.resolve(&EditionChoice::default(), self.now()));
        }
        editions.sort_by(|a, b| a.edition.cmp(&b.edition));
        editions.dedup_by(|a, b| a.edition == b.edition);
        Ok(editions)
    }

    /// What variables stand for in a thread, for this actor: a phone number only for who may see it whole, and no name
    /// that only stands in for one that is not known yet.
    pub async fn values(
        &self,
        actor: &Actor,
        db: &impl ConnectionTrait,
        thread: &conversations::Model,
    ) -> Result<Values, Problem> {
        let mut values = self.common_values(actor, db).await?;
        let ws = actor.workspace;
        let customer = customers::by_ids(db, ws, &[loa_kernel::CustomerId(thread.customer_id)]).await?;
        let identity = customers::identities(db, ws, &[loa_kernel::IdentityId(thread.identity_id)]).await?;
        let account = channels::get(db, ws, loa_kernel::ChannelId(thread.channel_id)).await?;
        if let (Some(customer), Some(identity)) = (customer.first(), identity.first()) {
            let platform = account.as_ref().map_or("", |account| account.kind.as_str());
            let stand_in = loa_store::intake::placeholder_name(platform, &identity.external_id);
            if customer.display_name != stand_in && !customer.display_name.trim().is_empty() {
                put_name(
                    &mut values,
                    &customer.display_name,
                    Variable::CustomerName,
                    Variable::CustomerFirstName,
                );
            }
            if let Some(phone) = &customer.phone
                && actor.can(Object::Customer, Action::ViewUnmasked)
            {
                values.insert(Variable::CustomerPhone, phone.clone());
            }
            let unmasked = actor.can(Object::Customer, Action::ViewUnmasked);
            let known = details::texts(db, ws, loa_kernel::CustomerId(customer.id), unmasked).await?;
            values.extend(known.made.into_iter().map(|(key, text)| (Variable::Field(key), text)));
            // These words stand in a message to a customer, whatever language the member reads.
            let salutation = match known.gender.as_deref() {
                Some("male") => Some("anh".to_owned()),
                Some("female") => Some("chị".to_owned()),
                _ => None,
            };
            let system = [
                (Variable::CustomerSalutation, salutation),
                (Variable::CustomerBirthday, known.birthday),
                (Variable::CustomerAddress, known.address),
            ];
            values.extend(system.into_iter().filter_map(|(variable, text)| Some((variable, text?))));
        }
        if let Some(account) = account.filter(|account| !account.name.is_empty()) {
            values.insert(Variable::ChannelName, account.name);
        }
        Ok(values)
    }

    /// An example to fill texts with, for who writes them.
    async fn example(&self, actor: &Actor, db: &impl ConnectionTrait) -> Result<Values, Problem> {
        let mut values = self.common_values(actor, db).await?;
        put_name(&mut values, EXAMPLE_NAME, Variable::CustomerName, Variable::CustomerFirstName);
        values.insert(Variable::CustomerPhone, EXAMPLE_PHONE.to_owned());
        values.insert(Variable::CustomerSalutation, "chị".to_owned());
        values.insert(Variable::CustomerBirthday, "20/10/1995".to_owned());
        values.insert(Variable::CustomerAddress, EXAMPLE_ADDRESS.to_owned());
        for field in fields::list(db, actor.workspace).await? {
            values.insert(Variable::Field(field.key), field.label);
        }
        let account = channels::list(db, actor.workspace).await?.into_iter().next();
        if let Some(account) = account.filter(|account| !account.name.is_empty()) {
            values.insert(Variable::ChannelName, account.name);
        }
        Ok(values)
    }

    async fn common_values(&self, actor: &Actor, db: &impl ConnectionTrait) -> Result<Values, Problem> {
        let mut values = Values::new();
        if let Some(me) = members::get(db, actor.workspace, actor.member).await? {
            put_name(&mut values, &me.display_name, Variable::AgentName, Variable::AgentFirstName);
        }
        if let Some(workspace) = workspaces::get(db, actor.workspace).await? {
            values.insert(Variable::WorkspaceName, workspace.name);
        }
        let (date, time) = self.now().vietnam_text();
        values.insert(Variable::NowDate, date);
        values.insert(Variable::NowTime, time);
        Ok(values)
    }
}

/// A customer as there are many, for examples.
const EXAMPLE_NAME: &str = "Nguyễn Thị Hồng Đào";
const EXAMPLE_PHONE: &str = "84912345678";
const EXAMPLE_ADDRESS: &str = "12 Lê Lợi, Phường Sài Gòn, Thành phố Hồ Chí Minh";

/// A text whose variables there are. Errors: as of [`Template::parse`]; a field that is not there is an unknown variable.
pub async fn known_template(
    db: &impl ConnectionTrait,
    actor: &Actor,
    text: &str,
) -> Result<Template, Problem> {
    let template = Template::parse(text)?;
    if template.fields().next().is_some() {
        let unmasked = actor.can(Object::Customer, Action::ViewUnmasked);
        let there = fields::list(db, actor.workspace).await?;
        let seen = |key: &str| {
            there.iter().any(|field| field.key == key && (unmasked || field.privacy != Privacy::Hidden))
        };
        if let Some(gone) = template.fields().find(|key| !seen(key)) {
            let name = Variable::Field(gone.to_owned()).name().into_owned();
            return Err(Problem::invalid("text", "unknown_variable").param("variable", name));
        }
    }
    Ok(template)
}

fn put_name(values: &mut Values, name: &str, whole: Variable, given: Variable) {
    if let Some(first) = first_name(name) {
        values.insert(given, first.to_owned());
    }
    values.insert(whole, name.trim().to_owned());
}

/// What is saved can be filled; a row of a newer version with a variable that is not known here reads as it is written.
pub fn filled(text: &str, values: &Values) -> Filled {
    match Template::parse(text) {
        Ok(template) => template.fill(values),
        Err(_) => Filled { text: text.to_owned(), missing: Vec::new() },
    }
}

fn files_of<'a>(
    row: &canned_replies::Model,
    files: &'a HashMap<Uuid, files::Model>,
) -> Result<Vec<&'a files::Model>, Problem> {
    Ok(rows::files(row)?.iter().filter_map(|id| files.get(&id.0)).collect())
}

fn taken(error: StoreError) -> Problem {
    if error.is_unique("canned_replies_shortcut") {
        return Problem::new(Code::Conflict).param("reason", "shortcut");
    }
    error.into()
}
