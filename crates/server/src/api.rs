//! The handlers: one URL, one file, at the same path as its type in `guanxi_api::api`.

pub mod member {
    //! The member centre.
    pub mod web {
        //! What the web pages of the member centre ask for.
        pub mod account;
        pub mod coin {
            //! Coins.
            pub mod log;
        }
        pub mod exp {
            //! Experience.
            pub mod reward;
        }
        pub mod login {
            //! Logins.
            pub mod log;
        }
        pub mod sign {
            //! The sign.
            pub mod update;
        }
    }
    pub mod realname {
        //! Real names.
        pub mod apply {
            //! Applications.
            pub mod status;
        }
        pub mod status;
    }
}
pub mod passport {
    //! Members log in, and look after their accounts.
    pub mod login;
    pub mod logins;
    pub mod logout;
    pub mod mail;
    pub mod news;
    pub mod password;
    pub mod qrcode;
    pub mod question;
    pub mod realname;
    pub mod sessions;
    pub mod sign;
    pub mod signup;
    pub mod tel;
}
pub mod relation;
pub mod safecenter {
    //! Safety.
    pub mod login_notice;
}
pub mod space {
    //! A member's space.
    pub mod acc {
        //! Its owner.
        pub mod info;
        pub mod relation;
    }
    pub mod upstat;
}
pub mod vip {
    //! VIP.
    pub mod web {
        //! For the web pages.
        pub mod user {
            //! Of oneself.
            pub mod info;
        }
    }
}
pub mod web {
    //! The passport's pages.
    pub mod site {
        //! Its site.
        pub mod user {
            //! Of oneself.
            pub mod info;
        }
    }
}
pub mod web_interface {
    //! What the web pages show.
    pub mod card;
}
