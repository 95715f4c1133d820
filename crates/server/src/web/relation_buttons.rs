//! Buttons that show and change the viewer's relation to a member.

use super::text::Key;
use guanxi_types::RelationAction;

/// A button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Button {
    /// Value of the API parameter `act`.
    pub act: u8,
    /// Text of the button.
    pub label: Key,
    /// True if the button stands out: it creates a follow.
    pub is_primary: bool,
}

/// Relation status and the buttons that change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationButtons {
    /// Status label; `None` if there is no relation.
    pub status: Option<Key>,
    /// The button of the most common action.
    pub primary: Button,
    /// Buttons in the menu.
    pub secondary: Vec<Button>,
}

const fn button(act: RelationAction, label: Key) -> Button {
    Button { act: act as u8, label, is_primary: false }
}

impl RelationButtons {
    /// Builds the buttons for a relation `attribute` of the API. `is_follower` is true if the other member follows
    /// the viewer.
    pub fn new(attribute: u8, is_follower: bool) -> RelationButtons {
        const FOLLOW: Button =
            Button { act: RelationAction::Follow as u8, label: Key("follow"), is_primary: true };
        let (whisper, block) = (
            button(RelationAction::Whisper, Key("make-private")),
            button(RelationAction::Block, Key("block")),
        );
        let (status, primary, mut secondary) = match attribute {
            1 => (
                Some(Key("status-whisper")),
                button(RelationAction::Unwhisper, Key("unfollow-privately")),
                vec![button(RelationAction::Follow, Key("make-public")), block],
            ),
            2 => (
                Some(Key("status-followed")),
                button(RelationAction::Unfollow, Key("unfollow")),
                vec![whisper, block],
            ),
            6 => (
                Some(Key("status-mutual")),
                button(RelationAction::Unfollow, Key("unfollow")),
                vec![whisper, block],
            ),
            128 => (Some(Key("status-blocked")), button(RelationAction::Unblock, Key("unblock")), Vec::new()),
            _ => (None, FOLLOW, vec![button(RelationAction::Whisper, Key("follow-privately")), block]),
        };
        if is_follower && attribute != 128 {
            secondary.push(button(RelationAction::RemoveFollower, Key("remove-follower")));
        }
        RelationButtons { status, primary, secondary }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_match_relation() {
        // attribute, is_follower, status, act of the primary button, acts of the others
        let cases: [(u8, bool, &str, u8, &[u8]); 8] = [
            (0, false, "", 1, &[3, 5]),
            (0, true, "", 1, &[3, 5, 7]),
            (1, false, "status-whisper", 4, &[1, 5]),
            (2, false, "status-followed", 2, &[3, 5]),
            (6, true, "status-mutual", 2, &[3, 5, 7]),
            (6, false, "status-mutual", 2, &[3, 5]),
            (128, false, "status-blocked", 6, &[]),
            (128, true, "status-blocked", 6, &[]),
        ];
        for (attribute, is_follower, status, primary, secondary) in cases {
            let buttons = RelationButtons::new(attribute, is_follower);
            let others: Vec<u8> = buttons.secondary.iter().map(|button| button.act).collect();
            assert_eq!(
                (buttons.status.map_or("", |Key(key)| key), buttons.primary.act, others.as_slice()),
                (status, primary, secondary)
            );
        }
    }
}
