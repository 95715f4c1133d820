//! `POST /passport/steps/dismiss`: dismisses the first steps.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /passport/steps/dismiss`: dismisses the first steps, so that pages no longer show them. Errors: -101, -111.
    DismissFirstSteps: POST "/passport/steps/dismiss", SessionWithCsrf -> () {}
}
