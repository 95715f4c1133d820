use crate::Row;

/// Validates a row in JSON with `'` for `"`. Returns the name of the invalid field.
fn validate_json(row: &str) -> Result<(), String> {
    let row: Row = serde_json::from_str(&row.replace('\'', "\"")).unwrap();
    row.validate().map_err(|invalid| invalid.field.to_owned())
}

#[test]
fn valid_rows_are_accepted() {
    #[rustfmt::skip]
    let rows = [
        "{'card':{'mid':9007199254740991,'uname':'岭南城北','face':'http://i1.example.cn/bfs/face/a.jpg','sign':'慢慢来','official':{'role':7,'title':'某公司','verified':'organisation'},'vip':{'kind':2,'status':3,'due_date':1675008000000,'pay_type':1,'label':{'text':'年度大会员','theme':'annual_vip','text_color':'#FFFFFF','bg_style':1,'bg_color':'#FB7299'},'avatar_subscript':1,'nickname_color':'#FB7299','role':3}}}",
        "{'card':{'mid':1}}",
        "{'profile':{'mid':1,'birthday':'2000-02-29','tags':['动画'],'live_room':{'url':'https://live.example.cn/24510489?broadcast_type=0&is_room_feed=1','roomid':24510489,'watched':{'num':21,'text_large':'21人看过'}}}}",
        "{'account':{'mid':1,'userid':'bili_84675323391','tel':'15312345056','mail':'a@b.cn','score':100,'pwd_level':3}}",
        "{'password':{'mid':1,'phc':'$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA'}}",
        "{'realname':{'mid':1,'status':{'rejected':'照片不清楚'},'name':'王小明','card':'11010519491231002X'}}",
        "{'growth':{'mid':1,'exp':9007199254740991}}",
        "{'group':{'mid':1,'tagid':4503599627370496,'name':'我的同学'}}",
        "{'relation':{'from':1,'to':2,'relation':{'kind':'follow','mtime':4294967295,'source':11,'groups':[[0,2147483647]]}}}",
        "{'versions':{'mid':1,'followers':4294967295,'followings':4294967295}}",
        "{'coin':{'mid':1,'time':0,'delta':-1000000000}}",
        "{'next':{'mid':6755399441055744,'tagid':1}}",
    ];
    for row in rows {
        assert_eq!(validate_json(row), Ok(()), "{row}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "the test is one table")]
fn invalid_field_of_each_row_is_named() {
    let hash = "ab".repeat(32);
    let long = "字".repeat(2_001);
    #[rustfmt::skip]
    let cases = [
        ("card.uname", "{'card':{'mid':1,'uname':'a\u{34f}'}}"),
        ("card.face", "{'card':{'mid':1,'face':'javascript:alert(1)'}}"),
        ("card.sign", "{'card':{'mid':1,'sign':'😀'}}"),
        ("card.sign", &format!("{{'card':{{'mid':1,'sign':'{}'}}}}", "字".repeat(71))),
        ("card.official.title", "{'card':{'mid':1,'official':{'title':'\u{202e}'}}}"),
        ("card.official.desc", "{'card':{'mid':1,'official':{'desc':'a\\nb'}}}"),
        ("card.vip.kind", "{'card':{'mid':1,'vip':{'kind':3}}}"),
        ("card.vip.status", "{'card':{'mid':1,'vip':{'status':4}}}"),
        ("card.vip.due_date", "{'card':{'mid':1,'vip':{'due_date':-1}}}"),
        ("card.vip.due_date", "{'card':{'mid':1,'vip':{'due_date':9223372036854775807}}}"),
        ("card.vip.pay_type", "{'card':{'mid':1,'vip':{'pay_type':2}}}"),
        ("card.vip.theme_type", "{'card':{'mid':1,'vip':{'theme_type':1}}}"),
        ("card.vip.access_status", "{'card':{'mid':1,'vip':{'access_status':1}}}"),
        ("card.vip.avatar_subscript", "{'card':{'mid':1,'vip':{'avatar_subscript':2}}}"),
        ("card.vip.role", "{'card':{'mid':1,'vip':{'role':2}}}"),
        ("card.vip.avatar_subscript_url", "{'card':{'mid':1,'vip':{'avatar_subscript_url':'x'}}}"),
        ("card.vip.due_remark", "{'card':{'mid':1,'vip':{'due_remark':'\u{7f}'}}}"),
        ("card.vip.status_warn", "{'card':{'mid':1,'vip':{'status_warn':'\u{7f}'}}}"),
        ("card.vip.nickname_color", "{'card':{'mid':1,'vip':{'nickname_color':'red'}}}"),
        ("card.vip.label.path", "{'card':{'mid':1,'vip':{'label':{'path':'x'}}}}"),
        ("card.vip.label.text", "{'card':{'mid':1,'vip':{'label':{'text':'\u{7f}'}}}}"),
        ("card.vip.label.theme", "{'card':{'mid':1,'vip':{'label':{'theme':'\u{7f}'}}}}"),
        ("card.vip.label.text_color", "{'card':{'mid':1,'vip':{'label':{'text_color':'x'}}}}"),
        ("card.vip.label.bg_color", "{'card':{'mid':1,'vip':{'label':{'bg_color':'x'}}}}"),
        ("card.vip.label.border_color", "{'card':{'mid':1,'vip':{'label':{'border_color':'x'}}}}"),
        ("profile.birthday", "{'profile':{'mid':1,'birthday':'-000001-01-01'}}"),
        ("profile.face_nft", "{'profile':{'mid':1,'face_nft':2}}"),
        ("profile.jointime", "{'profile':{'mid':1,'jointime':4294967296}}"),
        ("profile.place", "{'profile':{'mid':1,'place':'a\\nb'}}"),
        ("profile.description", &format!("{{'profile':{{'mid':1,'description':'{long}'}}}}")),
        ("profile.pendant.expire", "{'profile':{'mid':1,'pendant':{'expire':-1}}}"),
        ("profile.pendant.name", "{'profile':{'mid':1,'pendant':{'name':'\u{7f}'}}}"),
        ("profile.pendant.image", "{'profile':{'mid':1,'pendant':{'image':'x'}}}"),
        ("profile.pendant.image_enhance", "{'profile':{'mid':1,'pendant':{'image_enhance':'x'}}}"),
        ("profile.pendant.image_enhance_frame", "{'profile':{'mid':1,'pendant':{'image_enhance_frame':'x'}}}"),
        ("profile.nameplate.name", "{'profile':{'mid':1,'nameplate':{'name':'\u{7f}'}}}"),
        ("profile.nameplate.image", "{'profile':{'mid':1,'nameplate':{'image':'x'}}}"),
        ("profile.nameplate.image_small", "{'profile':{'mid':1,'nameplate':{'image_small':'x'}}}"),
        ("profile.nameplate.level", "{'profile':{'mid':1,'nameplate':{'level':'\u{7f}'}}}"),
        ("profile.nameplate.condition", "{'profile':{'mid':1,'nameplate':{'condition':'\u{7f}'}}}"),
        ("profile.honour.colour", "{'profile':{'mid':1,'honour':{'colour':'\u{7f}'}}}"),
        ("profile.honour.tags", "{'profile':{'mid':1,'honour':{'tags':['\u{7f}']}}}"),
        ("profile.top_photo", "{'profile':{'mid':1,'top_photo':'x'}}"),
        ("profile.top_photo_small", "{'profile':{'mid':1,'top_photo_small':'x'}}"),
        ("profile.live_room.roomid", "{'profile':{'mid':1,'live_room':{'roomid':9007199254740992}}}"),
        ("profile.live_room.broadcast_type", "{'profile':{'mid':1,'live_room':{'broadcast_type':1}}}"),
        ("profile.live_room.watched.num", "{'profile':{'mid':1,'live_room':{'watched':{'num':18446744073709551615}}}}"),
        ("profile.live_room.url", "{'profile':{'mid':1,'live_room':{'url':'x'}}}"),
        ("profile.live_room.cover", "{'profile':{'mid':1,'live_room':{'cover':'x'}}}"),
        ("profile.live_room.title", "{'profile':{'mid':1,'live_room':{'title':'\u{7f}'}}}"),
        ("profile.live_room.watched.icon", "{'profile':{'mid':1,'live_room':{'watched':{'icon':'x'}}}}"),
        ("profile.live_room.watched.icon_web", "{'profile':{'mid':1,'live_room':{'watched':{'icon_web':'x'}}}}"),
        ("profile.live_room.watched.icon_location", "{'profile':{'mid':1,'live_room':{'watched':{'icon_location':'\u{7f}'}}}}"),
        ("profile.live_room.watched.text_small", "{'profile':{'mid':1,'live_room':{'watched':{'text_small':'\u{7f}'}}}}"),
        ("profile.live_room.watched.text_large", "{'profile':{'mid':1,'live_room':{'watched':{'text_large':'\u{7f}'}}}}"),
        ("profile.school", "{'profile':{'mid':1,'school':'\u{7f}'}}"),
        ("profile.profession.name", "{'profile':{'mid':1,'profession':{'name':'\u{7f}'}}}"),
        ("profile.profession.department", "{'profile':{'mid':1,'profession':{'department':'\u{7f}'}}}"),
        ("profile.profession.title", "{'profile':{'mid':1,'profession':{'title':'\u{7f}'}}}"),
        ("profile.tags", "{'profile':{'mid':1,'tags':['\u{7f}']}}"),
        ("account.userid", "{'account':{'mid':1,'userid':'甲'}}"),
        ("account.tel", "{'account':{'mid':1,'tel':'12'}}"),
        ("account.mail", "{'account':{'mid':1,'mail':'a@b'}}"),
        ("account.score", "{'account':{'mid':1,'score':101}}"),
        ("account.pwd_level", "{'account':{'mid':1,'pwd_level':4}}"),
        ("account.seen", "{'account':{'mid':1,'seen':-1}}"),
        ("password.phc", "{'password':{'mid':1,'phc':'$2b$12$abc'}}"),
        ("question.question", &format!("{{'question':{{'mid':1,'question':'{long}','answer':'x'}}}}")),
        ("question.answer", "{'question':{'mid':1,'question':'猫','answer':'x'}}"),
        ("realname.name", "{'realname':{'mid':1,'status':'waiting','name':'1'}}"),
        ("realname.card", "{'realname':{'mid':1,'status':'waiting','card':'1'}}"),
        ("realname.card_type", "{'realname':{'mid':1,'status':'waiting','card_type':7}}"),
        ("realname.status.rejected", "{'realname':{'mid':1,'status':{'rejected':''}}}"),
        ("realname.submitted", "{'realname':{'mid':1,'status':'waiting','submitted':9223372036854775807}}"),
        ("realname.ended", "{'realname':{'mid':1,'status':'waiting','ended':-1}}"),
        ("upstat.counted_at", "{'upstat':{'mid':1,'counted_at':-1}}"),
        ("group.tagid", "{'group':{'mid':1,'tagid':0,'name':'a'}}"),
        ("group.tagid", "{'group':{'mid':1,'tagid':-11,'name':'a'}}"),
        ("group.tagid", "{'group':{'mid':1,'tagid':9007199254740991,'name':'a'}}"),
        ("group.name", "{'group':{'mid':1,'tagid':1,'name':'\u{3164}'}}"),
        ("relation.mtime", "{'relation':{'from':1,'to':2,'relation':{'kind':'block','mtime':-1,'source':11}}}"),
        ("relation.groups", "{'relation':{'from':1,'to':2,'relation':{'kind':'follow','mtime':1,'source':11,'groups':[[0,4294967295]]}}}"),
        ("coin.time", "{'coin':{'mid':1,'time':-1}}"),
        ("coin.delta", "{'coin':{'mid':1,'time':1,'delta':-1000000000.1}}"),
        ("coin.reason", "{'coin':{'mid':1,'time':1,'reason':'\u{7f}'}}"),
        ("reward.day", "{'reward':{'mid':1,'day':'1969-12-31'}}"),
        ("reward.granted.coins", "{'reward':{'mid':1,'day':'2020-01-01','granted':{'coins':60}}}"),
        ("login.time", "{'login':{'mid':1,'time':-1,'ip':'::1','method':'qr','success':true}}"),
        ("login.device", "{'login':{'mid':1,'time':1,'ip':'::1','method':'qr','success':true,'device':'\u{7f}'}}"),
        ("login.buvid", "{'login':{'mid':1,'time':1,'ip':'::1','method':'qr','success':true,'buvid':'\u{7f}'}}"),
        ("login.location", "{'login':{'mid':1,'time':1,'ip':'::1','method':'qr','success':true,'location':'\u{7f}'}}"),
        ("login.isp", "{'login':{'mid':1,'time':1,'ip':'::1','method':'qr','success':true,'isp':'\u{7f}'}}"),
        ("bio_review.sign", "{'bio_review':{'mid':1,'sign':'😀'}}"),
        ("bio_review.submitted", "{'bio_review':{'mid':1,'submitted':-1}}"),
        ("bio_review.due", "{'bio_review':{'mid':1,'due':9223372036854775807}}"),
        ("bio_review.rejected", "{'bio_review':{'mid':1,'rejected':''}}"),
        ("bio_review.ended", "{'bio_review':{'mid':1,'ended':-1}}"),
        ("event.time", &format!("{{'event':{{'hash':'{hash}','time':-1}}}}")),
        ("event.expires", &format!("{{'event':{{'hash':'{hash}','expires':9223372036854775807}}}}")),
        ("event_id_watermark.id", "{'event_id_watermark':{'id':1}}"),
        ("event_id_watermark.time", "{'event_id_watermark':{'id':0,'time':-1}}"),
        ("audit.seq", "{'audit':{'seq':0}}"),
        ("audit.seq", "{'audit':{'seq':9007199254740991}}"),
        ("audit.time", "{'audit':{'seq':1,'time':-1}}"),
        ("audit.operator", "{'audit':{'seq':1,'operator':'\u{7f}'}}"),
        ("audit.action", "{'audit':{'seq':1,'action':'\u{7f}'}}"),
        ("audit.before", "{'audit':{'seq':1,'before':'{'}}"),
        ("audit.after", "{'audit':{'seq':1,'after':'x'}}"),
        ("next.mid", "{'next':{'mid':9007199254740992,'tagid':1}}"),
        ("next.mid", "{'next':{'mid':0,'tagid':1}}"),
        ("next.tagid", "{'next':{'mid':1,'tagid':9007199254740991}}"),
        ("next.tagid", "{'next':{'mid':1,'tagid':-1}}"),
    ];
    for (field, row) in cases {
        assert_eq!(validate_json(row), Err(field.to_owned()), "{row}");
    }
}
