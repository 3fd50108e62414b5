//! The people of a new sandbox: one for each thing that can happen.

use crate::account::Account;
use crate::facebook::id::FacebookId;
use crate::facebook::page::{Business, BusinessRelation, Page};
use crate::facebook::person::{Person, PersonKind};
use crate::sample_posts::SamplePosts;

/// The professional accounts' ids of `Settings::default`.
const BLUE_BOTTLE: u64 = 17_841_405_793_187_218;
const CORNER_BAKERY: u64 = 17_841_405_793_187_219;
const MAYA_MAKES: u64 = 17_841_405_793_187_220;
const STUDIO_NORTH: u64 = 17_841_405_793_187_221;

pub(crate) fn persons() -> Vec<Person> {
    vec![
        Person::new("no_pages", 10_229_384_756_102_931, "Nora Keller", Vec::new()),
        Person::new(
            "one_page",
            10_229_384_756_102_932,
            "Ben Okafor",
            vec![Page::linked(100_641_205_793_101, "Blue Bottle Coffee", BLUE_BOTTLE)],
        ),
        Person::new(
            "three_pages",
            10_229_384_756_102_933,
            "田中さくら",
            vec![
                Page::linked(100_641_205_793_102, "青い瓶 ☕️ Blue Bottle", BLUE_BOTTLE),
                Page::linked(100_641_205_793_103, "Corner Bakery <img src=x onerror=alert(1)>", CORNER_BAKERY),
                Page::linked(100_641_205_793_104, "Майя делает & „Werkstatt“", MAYA_MAKES),
            ],
        ),
        Person::new(
            "unlinked",
            10_229_384_756_102_934,
            "Łukasz Żółć",
            vec![
                Page::without_account(100_641_205_793_105, "Kwiaty i Zioła"),
                Page { unlinked: true, ..Page::linked(100_641_205_793_106, "Stara Piekarnia", CORNER_BAKERY) },
            ],
        ),
        Person::new(
            "portfolio",
            10_229_384_756_102_935,
            "مريم حداد",
            vec![Page {
                hidden: true,
                business: Some(business(BusinessRelation::Owned)),
                ..Page::linked(100_641_205_793_107, "مخبز الزاوية", CORNER_BAKERY)
            }],
        ),
        Person::new(
            "same_account",
            10_229_384_756_102_936,
            "Δήμητρα Παππά",
            vec![
                Page::linked(100_641_205_793_108, "Η Μάγια φτιάχνει", MAYA_MAKES),
                Page::linked(100_641_205_793_109, "Maya Makes Berlin", MAYA_MAKES),
            ],
        ),
        Person::new(
            "lost_role",
            10_229_384_756_102_937,
            "Jürgen Groß",
            vec![Page { role_lost: true, ..Page::linked(100_641_205_793_110, "Blaue Flasche", BLUE_BOTTLE) }],
        ),
        Person {
            kind: PersonKind::SystemUser,
            ..Person::new(
                "system_user",
                122_101_384_756_102,
                "Website feed",
                vec![Page {
                    business: Some(business(BusinessRelation::Client)),
                    ..Page::linked(100_641_205_793_111, "Studio North", STUDIO_NORTH)
                }],
            )
        },
    ]
}

/// The account that only the system user reaches.
pub(crate) fn system_user_account() -> Account {
    Account {
        facebook_only: true,
        sample_posts: SamplePosts::Reels,
        ..Account::new("studio_north", STUDIO_NORTH, 27_640_875_392_278_837)
    }
}

fn business(relation: BusinessRelation) -> Business {
    Business { id: FacebookId(1_384_756_102_930_007), name: "North & Partners GmbH".to_owned(), relation }
}
