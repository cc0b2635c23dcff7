//! A user acts on the phone: writes, follows, blocks, reacts, opens the chat, taps.

use std::collections::BTreeMap;

use loa_kernel::{Clock, Code, Problem, Timestamp};

use super::send::Content;
use crate::model::{Author, Contact, Message, Shared, State};
use crate::webhook::DYNAMIC_URL;
use crate::world::{Live, World};

impl World {
    /// The contact of an OA, by the user's id for that OA or by the person's id. A person who never met the OA
    /// becomes a contact without any relation.
    ///
    /// # Errors
    /// `not_found` for an unknown OA or user.
    pub fn meet(&self, state: &mut State, oa_id: &str, user: &str) -> Result<Contact, Problem> {
        if state.oa(oa_id).is_none() {
            return Err(Problem::not_found("oa"));
        }
        if let Some(contact) = state.contact(oa_id, user) {
            return Ok(contact.clone());
        }
        let person = state.person(user).ok_or_else(|| Problem::not_found("user"))?;
        let user_id = person.id_for(oa_id);
        if let Some(contact) = state.contact(oa_id, &user_id) {
            return Ok(contact.clone());
        }
        let contact = Contact::new(oa_id, person);
        state.put_contact(contact.clone());
        Ok(contact)
    }

    /// The user writes to the OA. `hidden`: not shown in the user's own chat.
    ///
    /// # Errors
    /// `conflict` while the user blocks the OA, `invalid_field` for a quoted message of another thread.
    pub fn user_sends(
        &self,
        state: &mut State,
        contact: &Contact,
        content: Content,
        hidden: bool,
    ) -> Result<Message, Problem> {
        if contact.blocked {
            return Err(Problem::new(Code::Conflict).param("reason", "user_blocks_oa"));
        }
        if let Some(quoted) = &content.quoted_id
            && state.message(quoted).is_none_or(|m| m.oa_id != contact.oa_id || m.user_id != contact.user_id)
        {
            return Err(Problem::invalid("quoted_id", "not_in_this_thread"));
        }
        let now = self.clock.now();
        let mut message = content.into_message(self.hex(20), contact, Author::User, now);
        message.hidden = hidden;
        let id = message.id.clone();
        state.push_message(message);
        let contact = self.touch(state, contact, |c| wrote(c, now));
        let message = state.message(&id).cloned().ok_or_else(|| Problem::internal("message vanished"))?;
        self.emit_message(state, &message, &contact);
        self.publish_message(&message);
        Ok(message)
    }

    /// The user opens the chat: everything of the OA is seen. Answers how many messages that were.
    pub fn user_opens(&self, state: &mut State, contact: &Contact) -> usize {
        let now = self.clock.now();
        let unseen: Vec<(String, Author)> = state
            .thread(&contact.oa_id, &contact.user_id)
            .filter(|m| m.author.is_oa() && m.seen_at.is_none() && m.received_at.is_some())
            .map(|m| (m.id.clone(), m.author.clone()))
            .collect();
        let mut by_app: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (id, author) in &unseen {
            if let Some(message) = state.message_mut(id) {
                message.seen_at = Some(now);
                let (message, seeded) = (message.clone(), message.seeded);
                if let (Author::Api { app_id }, false) = (author, seeded) {
                    by_app.entry(app_id.clone()).or_default().push(id.clone());
                }
                self.publish_message(&message);
            }
        }
        let contact = self.touch(state, contact, |c| c.unread = 0);
        for (app_id, ids) in by_app {
            self.emit_receipt(state, &contact, &app_id, true, ids, (now, now));
        }
        unseen.len()
    }

    /// Follow or unfollow. Answers false when nothing changed.
    pub fn user_follows(
        &self,
        state: &mut State,
        contact: &Contact,
        follows: bool,
        source: Option<&str>,
    ) -> bool {
        if contact.follower == follows {
            return false;
        }
        let now = self.clock.now();
        let contact = self.touch(state, contact, |c| {
            c.follower = follows;
            if follows {
                c.last_interaction_at = c.last_interaction_at.max(Some(now));
            }
        });
        self.emit_follow(state, &contact, source);
        self.publish(Live::Oa(contact.oa_id));
        true
    }

    /// The OA ends the user's follow, as its administrators do in the console. Answers false when there was none.
    /// Whether `unfollow` is posted is a switch.
    pub fn oa_removes_follower(&self, state: &mut State, contact: &Contact) -> bool {
        if !contact.follower {
            return false;
        }
        let contact = self.touch(state, contact, |c| c.follower = false);
        if state.settings().removal_posts_unfollow {
            self.emit_follow(state, &contact, None);
        }
        self.publish(Live::Oa(contact.oa_id));
        true
    }

    /// The user visits a dynamic address of the OA.
    pub fn user_visits(&self, state: &mut State, contact: &Contact, param: &str) {
        let contact = self.touch(state, contact, |c| c.dynamic_param = param.to_owned());
        self.emit_user_changed(state, &contact, DYNAMIC_URL);
    }

    /// Block or unblock. The platform posts no event for it; sends get -244.
    pub fn user_blocks(&self, state: &mut State, contact: &Contact, blocked: bool) {
        self.touch(state, contact, |c| c.blocked = blocked);
    }

    /// The user taps *Nhắn tin* on the OA's page. The event comes once, and only before the first message.
    pub fn user_clicks_chat(&self, state: &mut State, contact: &Contact) -> bool {
        if contact.clicked_chat || contact.last_message_at.is_some() {
            return false;
        }
        let now = self.clock.now();
        let contact = self.touch(state, contact, |c| {
            c.clicked_chat = true;
            c.last_interaction_at = c.last_interaction_at.max(Some(now));
        });
        self.emit_chat_now(state, &contact);
        true
    }

    /// The user submits contact data.
    pub fn user_submits(&self, state: &mut State, contact: &Contact, info: Shared) {
        let now = self.clock.now();
        let contact = self.touch(state, contact, |c| {
            c.shared = info.clone();
            c.last_interaction_at = c.last_interaction_at.max(Some(now));
        });
        self.emit_submit_info(state, &contact, &info);
    }

    /// Changes a contact, tells the pages, and answers it as it is now.
    pub fn touch(&self, state: &mut State, contact: &Contact, change: impl FnOnce(&mut Contact)) -> Contact {
        let Some(found) = state.contact_mut(&contact.oa_id, &contact.user_id) else { return contact.clone() };
        change(found);
        let after = found.clone();
        self.publish(Live::Contact(Box::new(after.clone())));
        after
    }
}

/// A message opens the window and sets the counter again (seed 000).
pub fn wrote(contact: &mut Contact, at: Timestamp) {
    if contact.last_message_at.is_none_or(|last| last <= at) {
        contact.last_message_at = Some(at);
        contact.replies_used = 0;
    }
    contact.last_interaction_at = contact.last_interaction_at.max(Some(at));
}
