//! A browser without a screen: it keeps cookies and follows redirects.

use reqwest::Client;
use reqwest::header::SET_COOKIE;
use url::Url;

use crate::api_gateway;
use crate::cookies::Cookies;
use crate::leaks::Leaks;
use crate::rie::Lambda;
use crate::web::{self, Answer, Request, parameter};

/// What a person does on the sandbox's consent page.
#[derive(Clone, Copy, Debug)]
pub struct Consent<'a> {
    /// The user name that the person logs in as.
    pub account: &'a str,
    /// The scopes that stay ticked; none given means all.
    pub grants: Option<&'a [&'a str]>,
    /// `allow` or `cancel`.
    pub decision: &'a str,
}

impl<'a> Consent<'a> {
    /// The person allows everything.
    pub fn allow(account: &'a str) -> Self {
        Self { account, grants: None, decision: "allow" }
    }
}

/// Somebody's browser. A clone has the same cookies as it has now.
#[derive(Clone, Debug)]
pub struct Browser<'a> {
    /// The Lambda behind this host.
    lambda: Option<(&'a Lambda, Url)>,
    client: Client,
    /// What it keeps.
    pub cookies: Cookies,
    leaks: Leaks,
}

impl<'a> Browser<'a> {
    /// A browser on the open net of this machine.
    pub fn new(leaks: &Leaks) -> Self {
        Self { lambda: None, client: web::client(), cookies: Cookies::default(), leaks: leaks.clone() }
    }

    /// A browser for which a Lambda, behind an HTTP API, serves this origin.
    pub fn with_lambda(lambda: &'a Lambda, origin: &Url, leaks: &Leaks) -> Self {
        Self { lambda: Some((lambda, origin.clone())), ..Self::new(leaks) }
    }

    /// The same browser, whose next requests reach another instance of the function.
    #[must_use]
    pub fn meeting<'b>(&self, lambda: &'b Lambda) -> Browser<'b> {
        let origin = self.lambda.as_ref().map(|(_, origin)| origin.clone()).expect("no Lambda serves this browser");
        Browser {
            lambda: Some((lambda, origin)),
            client: self.client.clone(),
            cookies: self.cookies.clone(),
            leaks: self.leaks.clone(),
        }
    }

    /// One request and its answer.
    pub async fn send(&mut self, request: &Request) -> Answer {
        let answer = match &self.lambda {
            Some((lambda, origin)) if origin.origin() == request.url.origin() => {
                let event = api_gateway::event(request, &self.cookies.of(&request.url));
                api_gateway::answer(request, &lambda.invoke(&event).await)
            }
            _ => self.send_over_http(request).await,
        };
        for set_cookie in &answer.cookies {
            let cookie = self.cookies.take(&answer.url, set_cookie);
            let cookie = cookie.unwrap_or_else(|| panic!("a browser would not take {set_cookie}"));
            // A receipt travels in the address as well: learnt below.
            let also_in_address = answer.location().is_some_and(|address| address.as_str().contains(cookie.value()));
            if !cookie.value().is_empty() && !also_in_address {
                self.leaks.keep_secret("a cookie", cookie.value());
            }
        }
        self.learn(&answer);
        answer
    }

    /// One visit, wherever it leads.
    pub async fn get(&mut self, url: &Url) -> Answer {
        self.send(&Request::get(url)).await
    }

    /// A visit, and all the redirects after it.
    pub async fn open(&mut self, url: &Url) -> Answer {
        let mut answer = self.get(url).await;
        let mut redirects = 0;
        while let Some(next) = answer.location() {
            redirects += 1;
            assert!(redirects < 10, "redirected for ever, to {next}");
            answer = self.get(&next).await;
        }
        answer
    }

    /// Submits the consent page that stands at this address, and gives the address it sends the browser back to.
    pub async fn consent(&mut self, page: &Answer, consent: Consent<'_>) -> Url {
        assert!(page.status == 200 && page.url.path() == "/oauth/authorize", "no consent page: {page:?}");
        let mut form: Vec<(String, String)> =
            page.url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let scope = parameter(&page.url, "scope");
        let grants = consent.grants.map_or_else(|| scope.split(',').collect(), <[_]>::to_vec);
        let decided = [("account", consent.account), ("decision", consent.decision)];
        let grants = grants.into_iter().map(|grant| ("grant", grant));
        form.extend(decided.into_iter().chain(grants).map(|(name, value)| (name.to_owned(), value.to_owned())));
        let mut action = page.url.clone();
        action.set_query(None);
        let request = Request { form, ..Request::get(&action).method(reqwest::Method::POST) };
        let mut back = self.send(&request).await.location().unwrap_or_else(|| panic!("nobody was sent back"));
        back.set_fragment(None);
        back
    }

    /// A whole login, from a link to the page that it ends on.
    pub async fn log_in(&mut self, link: &Url, consent: Consent<'_>) -> Answer {
        let page = self.open(link).await;
        let back = self.consent(&page, consent).await;
        self.open(&back).await
    }

    async fn send_over_http(&self, request: &Request) -> Answer {
        let mut sending = self.client.request(request.method.clone(), request.url.clone());
        for (name, value) in &request.headers {
            sending = sending.header(name, value);
        }
        let cookies = self.cookies.of(&request.url);
        if !cookies.is_empty() {
            sending = sending.header("cookie", cookies.join("; "));
        }
        if !request.form.is_empty() {
            sending = sending.form(&request.form);
        }
        let answer = sending.send().await.unwrap();
        let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
        let headers = answer.headers().iter().filter(|(name, _)| *name != SET_COOKIE);
        Answer {
            url: request.url.clone(),
            status: answer.status().as_u16(),
            headers: headers.map(|(name, value)| (name.to_string(), text(value))).collect(),
            cookies: answer.headers().get_all(SET_COOKIE).iter().map(text).collect(),
            body: answer.text().await.unwrap(),
        }
    }

    /// What comes by in links is to be kept out of other places.
    fn learn(&self, answer: &Answer) {
        let Some(location) = answer.location() else { return };
        let parameters = [("code", "an authorization code"), ("state", "a state"), ("receipt", "a receipt")];
        for (name, what) in parameters {
            match parameter(&location, name).as_str() {
                "" => {}
                code if name == "code" => self.leaks.keep_secret(what, code),
                text => self.leaks.keep_out_of_logs(what, text),
            }
        }
    }
}
