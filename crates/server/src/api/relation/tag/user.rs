//! `GET /x/relation/tag/user`: the groups one keeps somebody in.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_rules::group;
use guanxi_store::Store;
use guanxi_store::row::Group;
use guanxi_wire::Code;
use guanxi_wire::api::relation::tag::user::{Data, TagUser};

/// Tells their tagids and names, in the order they were joined; none for somebody not followed (D25).
pub async fn user(app: App, Call { who: me, req, .. }: Call<TagUser>) -> Result<Data, Reject> {
    let pair = app.store.pair(me, req.fid).await?.ok_or(Code::NoMember)?;
    let mut names = Vec::new();
    for joined in pair.mine.map(|tie| tie.groups).unwrap_or_default() {
        let tagid = joined.tagid;
        let name = match group::built_in_name(tagid) {
            Some(name) => Some(name.to_owned()),
            None => app.store.get::<Group>((me, tagid)).await?.map(|group| group.name),
        };
        // A group deleted between the two reads has no name any more, and nobody is in it.
        names.extend(name.map(|name| (tagid, name)));
    }
    Ok(Data(names))
}
