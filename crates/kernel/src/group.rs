//! The groups that a business keeps by phone number.

use serde::{Deserialize, Serialize};

use crate::Problem;
use crate::actor::words;

words! {
    /// A group of phone numbers ("Nhóm Khách hàng tùy biến", seed 002). Customers with such a number are shown with its
    /// name, which is no label: nobody can rename it, delete it, or put it on somebody.
    PhoneGroup {
        /// "Ưu tiên".
        Priority = "priority",
        /// "Hạn chế"; it wins over the other one.
        Restricted = "restricted",
    }
}

impl PhoneGroup {
    /// What a customer is shown with whose number stands in these. Pure.
    pub const fn shown(in_priority: bool, in_restricted: bool) -> Option<Self> {
        match (in_priority, in_restricted) {
            (_, true) => Some(Self::Restricted),
            (true, false) => Some(Self::Priority),
            (false, false) => None,
        }
    }

    /// Its name as customers' screens show it, in Vietnamese.
    pub const fn name_vi(self) -> &'static str {
        match self {
            Self::Priority => "Ưu tiên",
            Self::Restricted => "Hạn chế",
        }
    }

    /// The same in English.
    pub const fn name_en(self) -> &'static str {
        match self {
            Self::Priority => "Priority",
            Self::Restricted => "Restricted",
        }
    }
}
