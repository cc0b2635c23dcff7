//! The fields that may be asked about, by who asks.

use std::collections::HashSet;

use loa_filter::{Catalogue, Field, FieldKind, Label, Options};
use loa_kernel::{Action, Actor, ChannelId, LabelId, MemberId, Object, Problem, WorkspaceId};
use loa_store::customers::fields::{self, CustomerField, Privacy};
use loa_store::customers::records::{group, key};
use loa_store::{ConnectionTrait, channels, labels, members};

/// The system fields that hold neither a choice nor a set, in the order in which they are offered.
const PLAIN: &[(&str, FieldKind, &str, &str)] = &[
    (key::NAME, FieldKind::Text, "Tên người dùng", "Name"),
    (key::PHONE, FieldKind::Phone, "Số điện thoại", "Phone number"),
    (key::ADDRESS, FieldKind::Text, "Vị trí", "Address"),
    (key::BIRTHDAY, FieldKind::Datetime, "Ngày sinh", "Birthday"),
    (key::EXTERNAL_ID, FieldKind::Text, "Mã khách hàng", "Customer number"),
    (key::LAST_INTERACTION_AT, FieldKind::Datetime, "Tương tác gần nhất", "Last interaction"),
    (key::CREATED_AT, FieldKind::Datetime, "Ngày biết đến", "Known since"),
];

/// Options of "Giới tính" (features reference §6.6).
const GENDERS: &[(&str, &str, &str)] =
    &[("male", "Nam", "Male"), ("female", "Nữ", "Female"), ("other", "Khác", "Other")];

/// Options of "Nhóm khách hàng" (features reference §6.3).
const GROUPS: &[(&str, &str, &str)] = &[
    (group::FOLLOWING, "Quan tâm", "Following"),
    (group::NOT_FOLLOWING, "Chưa quan tâm", "Not following"),
    (group::PRIORITY, "Ưu tiên", "Priority"),
    (group::RESTRICTED, "Hạn chế", "Restricted"),
];

fn label(vi: &str, en: &str) -> Label {
    Label { vi: vi.to_owned(), en: en.to_owned() }
}

fn closed(list: &[(&str, &str, &str)]) -> Options {
    Options::new(list.iter().map(|(id, vi, en)| ((*id).to_owned(), label(vi, en))).collect())
}

/// A field that the business made, as it is asked about and read.
pub(crate) fn asked(field: &CustomerField) -> Field {
    let label = Label::same(field.label.as_str());
    Field { keys: field.keys.clone(), ..Field::plain(field.id.to_string(), label, field.kind) }
}

/// The system fields of which something is known beside what the customer's own row says, and which can be filled in.
pub(crate) fn known_fields() -> Vec<Field> {
    let plain =
        PLAIN.iter().filter(|(key, ..)| [key::ADDRESS, key::BIRTHDAY, key::EXTERNAL_ID].contains(key));
    let plain = plain.map(|(key, kind, vi, en)| Field::plain(*key, label(vi, en), *kind));
    plain.chain([gender()]).collect()
}

fn gender() -> Field {
    let name = label("Giới tính", "Gender");
    Field { options: closed(GENDERS), ..Field::plain(key::GENDER, name, FieldKind::Choice) }
}

/// Every field of a workspace, and which of them hold personal data.
pub(crate) struct AllFields {
    pub fields: Vec<Field>,
    personal: HashSet<String>,
}

/// Every field of a workspace, with what may stand in it now.
pub(crate) async fn all_fields(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<AllFields, Problem> {
    let listed = |key: &str, kind: FieldKind, vi: &str, en: &str, options: Options| Field {
        options,
        ..Field::plain(key, label(vi, en), kind)
    };
    let of = |names: Vec<(String, String)>| {
        Options::new(names.into_iter().map(|(id, name)| (id, Label::same(name))).collect())
    };
    let labels = labels::list(conn, ws).await?;
    let labels = of(labels.into_iter().map(|row| (LabelId(row.id).to_string(), row.name)).collect());
    let members = members::list(conn, ws).await?;
    let members = of(members.into_iter().map(|m| (MemberId::to_string(&m.id), m.display_name)).collect());
    let accounts = channels::list(conn, ws).await?;
    let accounts = of(accounts.into_iter().map(|c| (ChannelId::to_string(&c.id), c.name)).collect());
    let mut all: Vec<Field> =
        PLAIN.iter().map(|(key, kind, vi, en)| Field::plain(*key, label(vi, en), *kind)).collect();
    all.push(listed(key::LABELS, FieldKind::Set, "Nhãn", "Labels", labels));
    all.push(listed(key::ASSIGNEES, FieldKind::Set, "Nhân viên CSKH", "Assignees", members));
    all.push(listed(key::GROUPS, FieldKind::Set, "Nhóm khách hàng", "Customer groups", closed(GROUPS)));
    all.push(gender());
    all.push(listed(key::CHANNELS, FieldKind::Set, "Kênh", "Channels", accounts));
    let made = fields::list(conn, ws).await?;
    let closed = made.iter().filter(|field| field.privacy != Privacy::Open);
    let personal = closed.map(|field| field.id.to_string()).chain([key::PHONE.to_owned()]).collect();
    all.extend(made.iter().map(asked));
    Ok(AllFields { fields: all, personal })
}

/// Those that this member may ask about. Who does not see personal data whole could find it out by asking for its
/// parts.
pub(crate) fn for_actor(all: &AllFields, actor: &Actor) -> Catalogue {
    let unmasked = actor.can(Object::Customer, Action::ViewUnmasked);
    let shown = |field: &&Field| unmasked || !all.personal.contains(&field.key);
    Catalogue::new(all.fields.iter().filter(shown).cloned().collect())
}
