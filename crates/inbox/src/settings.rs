//! What a business decides about its inbox.

use loa_kernel::{Action, Actor, Object, Problem};
use loa_store::workspaces;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Inbox;

/// What a business decides about its inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InboxSettings {
    /// A thread that a member closed stays closed when the customer only thanks, agrees or says good-bye, and such a
    /// message waits for no answer. It counts as unread like any other. Off unless it is switched on.
    pub courtesy_stays_closed: bool,
}

impl Inbox {
    /// The settings; whoever sees threads may know them.
    pub async fn settings(&self, actor: &Actor) -> Result<InboxSettings, Problem> {
        actor.require(Object::Conversation, Action::View)?;
        let found = workspaces::inbox_settings(self.store.reader(), actor.workspace).await?;
        Ok(InboxSettings { courtesy_stays_closed: found.courtesy_stays_closed })
    }

    /// Change the settings; what came before is not decided anew.
    pub async fn set_settings(
        &self,
        actor: &Actor,
        settings: InboxSettings,
    ) -> Result<InboxSettings, Problem> {
        actor.require(Object::Workspace, Action::Configure)?;
        let new = workspaces::InboxSettings { courtesy_stays_closed: settings.courtesy_stays_closed };
        let tx = self.store.begin().await?;
        workspaces::set_inbox_settings(&tx, actor.workspace, new).await?;
        tx.commit().await?;
        Ok(settings)
    }
}
