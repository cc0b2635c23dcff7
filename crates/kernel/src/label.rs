//! The closed vocabularies of labels.

use serde::{Deserialize, Serialize};

use crate::Problem;
use crate::actor::words;

words! {
    /// The colours of labels, by the names of the web app's theme.
    LabelColour {
        /// Gray.
        Gray = "gray",
        /// Red.
        Red = "red",
        /// Pink.
        Pink = "pink",
        /// Grape.
        Grape = "grape",
        /// Violet.
        Violet = "violet",
        /// Indigo.
        Indigo = "indigo",
        /// Blue.
        Blue = "blue",
        /// Cyan.
        Cyan = "cyan",
        /// Teal.
        Teal = "teal",
        /// Green.
        Green = "green",
        /// Lime.
        Lime = "lime",
        /// Yellow.
        Yellow = "yellow",
        /// Orange.
        Orange = "orange",
    }
}

words! {
    /// What a label is for.
    LabelKind {
        /// "Nhãn": a customer carries as many as fit.
        Normal = "normal",
        /// "Nhãn quy trình": a step of a process, of which a customer is in one.
        Process = "process",
    }
}
