//! What is known of customers by field: shown, masked, and filled in.

use std::collections::BTreeMap;
use std::sync::Arc;

use loa_filter::{DateFormat, Field, Known, read_value, show_value, value_text};
use loa_kernel::{Action, Actor, Object, Problem, WorkspaceId};
use loa_store::ConnectionTrait;
use loa_store::customers::details::Details;
use loa_store::customers::fields::{self, CustomerField, Privacy};
use serde_json::{Value as Json, json};

use crate::capabilities::{Capabilities, Capability};
use crate::catalogue;
use crate::mask::{DOT, Mask};

/// A field of which something can be known.
#[derive(Debug, Clone)]
pub(crate) struct ValueField {
    pub field: Field,
    pub format: DateFormat,
    pub privacy: Privacy,
    pub mask: Mask,
}

impl ValueField {
    fn made(made: &CustomerField) -> Self {
        Self {
            field: catalogue::asked(made),
            format: made.format,
            privacy: made.privacy,
            mask: made.mask.clone().and_then(|mask| serde_json::from_value(mask).ok()).unwrap_or_default(),
        }
    }

    fn system(field: Field) -> Self {
        Self { field, format: DateFormat::default(), privacy: Privacy::Open, mask: Mask::All }
    }
}

/// The fields of a workspace of which something can be known, by the key that filters have for them.
#[derive(Debug, Clone, Default)]
pub struct ValueFields(Arc<BTreeMap<String, ValueField>>);

impl PartialEq for ValueFields {
    // It says how a view is masked; two views that show the same are the same.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl ValueFields {
    /// The fields as they are now.
    pub async fn load(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<Self, Problem> {
        let made = fields::list(conn, ws).await?;
        let all = catalogue::known_fields().into_iter().map(ValueField::system);
        let all = all.chain(made.iter().map(ValueField::made));
        Ok(Self(Arc::new(all.map(|field| (field.field.key.clone(), field)).collect())))
    }

    /// Is this one of them?
    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The key of a field by what its values are kept under; anything else as it is.
    pub(crate) fn name_of_kept(&self, kept: &str) -> String {
        let found = self.0.keys().find(|key| loa_store::customers::details::stored_key(key) == kept);
        found.map_or(kept, String::as_str).to_owned()
    }

    /// What is known, whole, by key of the field.
    pub(crate) fn shown(&self, details: &Details) -> BTreeMap<String, Json> {
        let known = self
            .0
            .iter()
            .filter_map(|(key, field)| Some((key.clone(), show_value(field.field.kind, &details.get(key)?))));
        known.collect()
    }

    /// The same for somebody who does not see personal data whole.
    pub(crate) fn masked(&self, mut shown: BTreeMap<String, Json>) -> BTreeMap<String, Json> {
        shown.retain(|key, value| match self.0.get(key) {
            Some(field) if field.privacy == Privacy::Open => true,
            Some(field) if field.privacy == Privacy::Masked => {
                *value = field.mask.apply(&self.text_of(field, value)).into();
                true
            }
            _ => false,
        });
        shown
    }

    /// A value that is shown, as one line of text.
    fn text_of(&self, field: &ValueField, shown: &Json) -> String {
        let read = read_value(&field.field, shown).ok().flatten();
        read.map(|known| value_text(field.field.kind, field.format, &known)).unwrap_or_default()
    }

    /// Fill in fields of a customer as this actor typed them; null empties one. Answers what changed, as it is shown:
    /// by key of the field, from what to what.
    ///
    /// Errors: `invalid_field` of `fields/…` with the reason; `package_required` for a table when no account's package has
    /// tables any more. Nothing is changed then.
    pub(crate) fn fill(
        &self,
        details: &mut Details,
        typed: &BTreeMap<String, Json>,
        actor: &Actor,
        allowed: Capabilities,
    ) -> Result<BTreeMap<String, Json>, Problem> {
        let unmasked = actor.can(Object::Customer, Action::ViewUnmasked);
        let mut read: Vec<(&ValueField, Option<Known>)> = Vec::with_capacity(typed.len());
        for (key, value) in typed {
            let place = format!("fields/{key}");
            let seen = |field: &&ValueField| unmasked || field.privacy != Privacy::Hidden;
            let field =
                self.0.get(key).filter(seen).ok_or_else(|| Problem::invalid(&place, "unknown_field"))?;
            if field.field.kind == loa_filter::FieldKind::Table {
                allowed.require(Capability::TableFields)?;
            }
            // Who sees dots and saves them would write dots over what they do not see.
            let dots =
                field.privacy != Privacy::Open && value.as_str().is_some_and(|text| text.contains(DOT));
            if dots {
                return Err(Problem::invalid(&place, "masked_value"));
            }
            read.push((field, read_value(&field.field, value).map_err(|error| error.at(&place))?));
        }
        let mut changed = BTreeMap::new();
        for (field, known) in read {
            let key = &field.field.key;
            let before = details.set(key, known.clone());
            if before != known {
                let shown = |known: Option<Known>| known.map(|known| show_value(field.field.kind, &known));
                changed.insert(key.clone(), json!({ "from": shown(before), "to": shown(known) }));
            }
        }
        Ok(changed)
    }
}
