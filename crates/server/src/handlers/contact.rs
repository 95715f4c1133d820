//! Handlers of the verification of contacts.

pub mod send_contact_code;
pub mod verify_contact;

use guanxi_api::param::Contact;
use guanxi_storage::commands::ContactKind;

/// Returns the kind of a contact.
fn kind_of(contact: Contact) -> ContactKind {
    match contact {
        Contact::Tel => ContactKind::Tel,
        Contact::Mail => ContactKind::Mail,
    }
}
