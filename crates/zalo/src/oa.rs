//! The OA itself (platform reference §13.2).

use serde::{Deserialize, Serialize};

/// The OA. Sources spell two keys in two ways; both are read, and both are written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub struct OaInfo {
    /// Its id.
    pub oa_id: String,
    /// Its name.
    pub name: Option<String>,
    /// What it says about itself.
    pub description: Option<String>,
    /// Short name in its address.
    pub oa_alias: Option<String>,
    /// Verified by the platform.
    pub is_verified: Option<bool>,
    /// 2 business, 4 government.
    pub oa_type: Option<i64>,
    /// Line of business.
    pub cate_name: Option<String>,
    /// Followers.
    pub num_follower: Option<i64>,
    /// Address of the picture.
    pub avatar: Option<String>,
    /// Address of the cover.
    pub cover: Option<String>,
    /// Package, by its Vietnamese name. Missing or too low gives -224.
    pub package_name: Option<String>,
    /// Last day of the package, `dd/MM/yyyy`.
    pub package_valid_through_date: Option<String>,
    /// Day on which it renews itself, `dd/MM/yyyy`.
    pub package_auto_renew_date: Option<String>,
    /// Zalo Cloud Account; without one, paid sends give -320.
    pub linked_zca: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    oaid: Option<String>,
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    oa_id: Option<String>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    oa_alias: Option<String>,
    #[serde(default, with = "crate::flex::opt_bool", skip_serializing_if = "Option::is_none")]
    is_verified: Option<bool>,
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    oa_type: Option<i64>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    cate_name: Option<String>,
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    num_follower: Option<i64>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    avatar: Option<String>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    cover: Option<String>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    package_name: Option<String>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    package_valid_through_date: Option<String>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    package_auto_renew_date: Option<String>,
    #[serde(
        rename = "linked_ZCA",
        default,
        with = "crate::flex::opt_id",
        skip_serializing_if = "Option::is_none"
    )]
    linked_zca_upper: Option<String>,
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    linked_zca: Option<String>,
}

impl From<Wire> for OaInfo {
    fn from(w: Wire) -> Self {
        Self {
            oa_id: w.oaid.or(w.oa_id).unwrap_or_default(),
            name: w.name,
            description: w.description,
            oa_alias: w.oa_alias,
            is_verified: w.is_verified,
            oa_type: w.oa_type,
            cate_name: w.cate_name,
            num_follower: w.num_follower,
            avatar: w.avatar,
            cover: w.cover,
            package_name: w.package_name,
            package_valid_through_date: w.package_valid_through_date,
            package_auto_renew_date: w.package_auto_renew_date,
            linked_zca: w.linked_zca_upper.or(w.linked_zca),
        }
    }
}

impl From<OaInfo> for Wire {
    fn from(o: OaInfo) -> Self {
        Self {
            oaid: Some(o.oa_id.clone()),
            oa_id: Some(o.oa_id),
            name: o.name,
            description: o.description,
            oa_alias: o.oa_alias,
            is_verified: o.is_verified,
            oa_type: o.oa_type,
            cate_name: o.cate_name,
            num_follower: o.num_follower,
            avatar: o.avatar,
            cover: o.cover,
            package_name: o.package_name,
            package_valid_through_date: o.package_valid_through_date,
            package_auto_renew_date: o.package_auto_renew_date,
            linked_zca_upper: o.linked_zca.clone(),
            linked_zca: o.linked_zca,
        }
    }
}
