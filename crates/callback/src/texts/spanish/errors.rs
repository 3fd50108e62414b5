//! The error pages in Spanish.

use crate::error_page::ErrorPage;
use crate::texts::explanation::Explanation;

const START_AGAIN: &str = "Empiece de nuevo desde el enlace que recibió.";
const ASK_FOR_NEW_LINK: &str = "Pida un enlace nuevo a la persona que se lo envió.";
const TRY_LATER: &str = "Espere un minuto y empiece de nuevo. Si el problema continúa, póngase en contacto con quien administra este servicio e indique la referencia que aparece abajo.";
const CONTACT_OPERATOR: &str = "Usted no ha hecho nada mal. Póngase en contacto con quien administra este servicio e indique la referencia que aparece abajo.";
const CLOSE_PAGE: &str = "Puede cerrar esta página. Solo los servidores de Instagram utilizan esta dirección.";
const CONNECT_AGAIN: &str = "Pida al titular de la cuenta que la conecte de nuevo.";

#[expect(clippy::too_many_lines, reason = "a table with one entry per page")]
pub(in crate::texts) fn explanation(page: ErrorPage) -> Explanation {
    match page {
        ErrorPage::InviteMissing => Explanation {
            title: "Necesita un enlace de invitación",
            cause: "Aquí solo se pueden conectar cuentas con un enlace de invitación.",
            remedy: "Pida un enlace de invitación a la persona que le envió a esta página.",
            operator: "Cree una invitación con evertoken invite. Para que cualquiera pueda conectar una cuenta, asigne el valor open a EVERTOKEN_LOGIN (LoginMode en la plantilla).",
        },
        ErrorPage::InviteForged => Explanation {
            title: "Este enlace de invitación no es válido",
            cause: "El enlace está incompleto, se ha modificado o pertenece a otro servicio.",
            remedy: "Abra otra vez el enlace completo. Si no funciona, pida uno nuevo.",
            operator: "Las invitaciones van firmadas. Si cambia la clave, conserve la anterior en el secreto de firma hasta que caduquen todas las invitaciones pendientes.",
        },
        ErrorPage::InviteExpired => Explanation {
            title: "Este enlace de invitación ha caducado",
            cause: "Los enlaces de invitación son válidos durante un tiempo limitado.",
            remedy: ASK_FOR_NEW_LINK,
            operator: "Cree una invitación nueva con evertoken invite. Con --expires puede indicar cuánto tiempo es válida.",
        },
        ErrorPage::InviteUsed => Explanation {
            title: "Este enlace de invitación ya se ha utilizado",
            cause: "El enlace era válido para una sola cuenta, y esa cuenta ya se ha conectado.",
            remedy: "Si la conectó usted, todo está listo. Si no, pida un enlace nuevo a la persona que se lo envió.",
            operator: "Ejecute evertoken list para ver las cuentas conectadas. Las invitaciones creadas sin --once se pueden utilizar varias veces.",
        },
        ErrorPage::ReturnNotAllowed => Explanation {
            title: "Este enlace lleva a una dirección no permitida",
            cause: "Al terminar el inicio de sesión, le enviaría a una dirección en la que este servicio no confía.",
            remedy: ASK_FOR_NEW_LINK,
            operator: "Añada la dirección a EVERTOKEN_RETURN_URLS (ReturnUrls en la plantilla) o cree un enlace sin dirección de retorno.",
        },
        ErrorPage::Cancelled => Explanation {
            title: "La cuenta no se ha conectado",
            cause: "Ha cancelado el inicio de sesión. No se ha guardado nada.",
            remedy: "Si quiere conectar la cuenta, empiece de nuevo.",
            operator: "No tiene que hacer nada. El enlace se puede volver a utilizar.",
        },
        ErrorPage::StateMissing => Explanation {
            title: "Esta página no se puede abrir directamente",
            cause: "Forma parte de un inicio de sesión y no hay ninguno en curso.",
            remedy: START_AGAIN,
            operator: "Envíe un enlace de invitación o la dirección de /login. Solo Instagram o Facebook deben dirigir a /callback.",
        },
        ErrorPage::StateForged => Explanation {
            title: "Este inicio de sesión no puede continuar",
            cause: "La dirección con la que ha vuelto aquí está incompleta o se ha modificado.",
            remedy: START_AGAIN,
            operator: "Los inicios de sesión en curso van firmados. Si cambia la clave, conserve la anterior en el secreto de firma al menos diez minutos.",
        },
        ErrorPage::StateExpired => Explanation {
            title: "Este inicio de sesión ha tardado demasiado",
            cause: "El inicio de sesión debe completarse en un máximo de diez minutos.",
            remedy: START_AGAIN,
            operator: "No tiene que hacer nada. El enlace se puede volver a utilizar hasta que caduque.",
        },
        ErrorPage::StateUsed => Explanation {
            title: "Este inicio de sesión ya ha finalizado",
            cause: "Falló antes. Recargar la página o volver atrás no lo repite.",
            remedy: START_AGAIN,
            operator: "La entrada del registro del primer intento indica por qué falló.",
        },
        ErrorPage::OtherBrowser => Explanation {
            title: "Este inicio de sesión no empezó en este navegador",
            cause: "Empezó en otro navegador o en una aplicación (la de Instagram abre su propio navegador), o su navegador bloquea las cookies.",
            remedy: "Copie el enlace que recibió, ábralo en un navegador y no cambie de navegador hasta terminar.",
            operator: "Si ocurre siempre, compruebe que las personas abren el host de EVERTOKEN_PUBLIC_URL. La cookie de inicio de sesión solo es válida para ese host.",
        },
        ErrorPage::CodeMissing => Explanation {
            title: "La respuesta de Instagram está incompleta",
            cause: "Instagram le devolvió aquí antes de completar el inicio de sesión. No se ha guardado nada.",
            remedy: START_AGAIN,
            operator: "Si ocurre varias veces, compruebe si un proxy o un cortafuegos situado delante del servicio elimina parámetros de la URL.",
        },
        ErrorPage::CodeUsed => Explanation {
            title: "Este inicio de sesión ya se ha utilizado",
            cause: "Instagram acepta cada inicio de sesión una sola vez y durante poco tiempo. No se ha guardado nada.",
            remedy: START_AGAIN,
            operator: "Si ocurre varias veces, compruebe si un proxy o un analizador de enlaces abre /callback antes que el navegador.",
        },
        ErrorPage::ScopesMissing => Explanation {
            title: "Faltan permisos",
            cause: "No se concedieron estos permisos: {scopes}. No se ha guardado nada.",
            remedy: "Empiece de nuevo y deje seleccionados todos los permisos.",
            operator: "No concedidos: {scope_names}. EVERTOKEN_SCOPES (Scopes en la plantilla) indica qué permisos solicita el servicio.",
        },
        ErrorPage::PersonalAccount => Explanation {
            title: "Esta es una cuenta personal",
            cause: "@{username} es una cuenta personal, e Instagram solo permite conectar cuentas profesionales.",
            remedy: "En la aplicación de Instagram, abra Configuración > Tipo de cuenta y herramientas > Cambiar a cuenta profesional. Es gratis. Después, empiece de nuevo.",
            operator: "No tiene que hacer nada. La API de Instagram solo admite cuentas de empresa y de creador.",
        },
        ErrorPage::OtherAccount => Explanation {
            title: "Este enlace es para otra cuenta",
            cause: "Ha iniciado sesión como @{username}, pero este enlace es para {expected}. No se ha guardado nada.",
            remedy: "Abra [Instagram](https://www.instagram.com/) y cambie a la cuenta correcta. Después, empiece de nuevo.",
            operator: "Para sustituir la cuenta guardada por otra, ejecute evertoken invite --replace y envíe el enlace nuevo.",
        },
        ErrorPage::TesterNotAccepted => Explanation {
            title: "Esta cuenta todavía no tiene acceso",
            cause: "Instagram todavía no permite conectar esta cuenta. Lo más habitual es que no se haya aceptado una invitación en Instagram.",
            remedy: "En un ordenador, inicie sesión en Instagram con esta cuenta, abra [Aplicaciones y sitios web](https://www.instagram.com/accounts/manage_access/) y acepte la invitación en el apartado de invitaciones de tester. Después, empiece de nuevo.",
            operator: "Para cuentas propias, abra App roles > Roles > Instagram Testers en el panel de Meta. Compruebe cómo está escrito el nombre de usuario y si la cuenta ha aceptado la invitación en https://www.instagram.com/accounts/manage_access/ (caduca a los 30 días). Para las demás cuentas, la aplicación necesita App Review para Advanced Access, Business Verification y la revisión anual del uso de datos. El mensaje de Instagram es \"Unsupported request - method type: get\".",
        },
        ErrorPage::LoginNotOffered => Explanation {
            title: "Este inicio de sesión no se ofrece aquí",
            cause: "El enlace pide un inicio de sesión que este servicio no ofrece.",
            remedy: ASK_FOR_NEW_LINK,
            operator: "Establezca EVERTOKEN_PROVIDER (Provider en la plantilla) en both, o cree una invitación sin --provider.",
        },
        ErrorPage::ChoiceExpired => Explanation {
            title: "La selección ha caducado",
            cause: "Hay que seleccionar una cuenta en los diez minutos siguientes al inicio de sesión, en el mismo navegador.",
            remedy: "Empiece de nuevo.",
            operator: "No hay que hacer nada. La selección solo está en una cookie del navegador.",
        },
        ErrorPage::ChoiceNotOffered => Explanation {
            title: "No se puede seleccionar esta cuenta",
            cause: "La cuenta seleccionada no está entre las que ofrece su sesión de Facebook, o ha seleccionado más cuentas de las que permite el enlace.",
            remedy: "Vuelva atrás y seleccione otra vez, o empiece de nuevo.",
            operator: "Para que un inicio de sesión conecte varias cuentas, cree la invitación con --accounts many.",
        },
        ErrorPage::NoPages => Explanation {
            title: "No se ha encontrado ninguna página",
            cause: "Aquí se accede a las cuentas de Instagram a través de una página de Facebook. Su cuenta de Facebook no administra ninguna, o usted no ha seleccionado ninguna en Facebook.",
            remedy: "Empiece de nuevo y seleccione la página en Facebook, con la cuenta de Facebook que tiene el control total de ella. Si aún no hay página, cree una en Facebook y vincule a ella su cuenta de Instagram.",
            operator: "La cuenta de Facebook de la persona no administra ninguna página. Compruebe con ella qué cuenta de Facebook tiene el control total de la página.",
        },
        ErrorPage::NoLinkedAccount => Explanation {
            title: "Su página no tiene una cuenta vinculada",
            cause: "Ninguna de sus páginas de Facebook tiene vinculada una cuenta profesional de Instagram.",
            remedy: "En Facebook, abra la configuración de la página, después Cuentas vinculadas, y vincule la cuenta de Instagram. Si ya está vinculada, desvincúlela y vuelva a vincularla. Después empiece de nuevo.",
            operator: "Ninguna de las páginas tiene vinculada una cuenta profesional. Un estado obsoleto en Meta suele desaparecer al desvincular y volver a vincular la cuenta.",
        },
        ErrorPage::PagesNotGranted => Explanation {
            title: "No se ha dado acceso a su página",
            cause: "Su página de Facebook o su cuenta de Instagram no se seleccionó en Facebook, o usted no tiene el control total de la página.",
            remedy: "Empiece de nuevo. En Facebook, edite la configuración anterior y seleccione la página y la cuenta de Instagram.",
            operator: "La persona no seleccionó la página o la cuenta en el diálogo, o no tiene el control total de la página.",
        },
        ErrorPage::PagesUnreadable => Explanation {
            title: "Facebook no ha mostrado sus páginas",
            cause: "Facebook no ha dicho qué páginas de Facebook administra usted.",
            remedy: "Empiece de nuevo. Si el problema continúa, contacte con el operador de este servicio e incluya la referencia de abajo.",
            operator: "Compruebe en el panel de Meta los permisos pages_show_list y business_management de la app. Las páginas de un portafolio comercial necesitan business_management.",
        },
        ErrorPage::PageTokenExpires => Explanation {
            title: "La conexión terminaría en unas horas",
            cause: "Facebook solo ha dado acceso por poco tiempo. No se ha guardado nada.",
            remedy: "Empiece de nuevo. Si el problema continúa, contacte con el operador de este servicio e incluya la referencia de abajo.",
            operator: "Facebook ha emitido un token de página con fecha de caducidad. Un token así no se guarda.",
        },
        ErrorPage::PageRoleLost => Explanation {
            title: "Usted no tiene un rol en esta página de Facebook",
            cause: "Facebook indica que usted ya no administra la página a la que está vinculada la cuenta de Instagram.",
            remedy: "Pida a alguien con el control total de la página que conecte la cuenta o que le dé a usted el control total.",
            operator: "Facebook devuelve el código 190 con el subcódigo 492: la persona ya no tiene un rol en la página.",
        },
        ErrorPage::DataAccessExpired => Explanation {
            title: "El acceso ha terminado",
            cause: "Nadie ha confirmado la conexión en Facebook desde hace 90 días.",
            remedy: "Empiece de nuevo y confirme la conexión en Facebook.",
            operator: "Facebook devuelve el código 190 con el subcódigo 493: la persona no ha iniciado sesión en 90 días. Solo ayuda un nuevo inicio de sesión.",
        },
        ErrorPage::AccountUnlinked => Explanation {
            title: "No se puede acceder a la cuenta de Instagram",
            cause: "La cuenta ya no está vinculada a la página de Facebook, o no se seleccionó en Facebook.",
            remedy: "En Facebook, abra la configuración de la página, después Cuentas vinculadas, y compruebe la cuenta de Instagram. Después empiece de nuevo y seleccione la página y la cuenta.",
            operator: "Facebook devuelve el código 100 con el subcódigo 33: la cuenta ya no está vinculada a la página o no se ha concedido.",
        },
        ErrorPage::ProofRejected => Explanation {
            title: "Facebook no acepta este servicio",
            cause: "Facebook ha rechazado una solicitud de este servicio.",
            remedy: CONTACT_OPERATOR,
            operator: "Facebook no acepta appsecret_proof. En el panel de Meta, copie la clave secreta de la app en Configuración de la app > Básica y guárdela como meta_app_secret con evertoken setup.",
        },
        ErrorPage::FacebookNotSetUp => Explanation {
            title: "El acceso con Facebook no está configurado",
            cause: "Este servicio todavía no puede usar el inicio de sesión con Facebook.",
            remedy: CONTACT_OPERATOR,
            operator: "Guarde meta_app_id y meta_app_secret con evertoken setup. Ambos están en el panel de Meta, en Configuración de la app > Básica.",
        },
        ErrorPage::InsufficientRole => Explanation {
            title: "Esta cuenta no tiene invitación en Instagram",
            cause: "Instagram solo permite conectar a este servicio las cuentas invitadas.",
            remedy: "Pida a quien administra este servicio que invite su cuenta. Después, acepte la invitación en Instagram, en [Aplicaciones y sitios web](https://www.instagram.com/accounts/manage_access/), y empiece de nuevo. Compruebe también con qué cuenta ha iniciado sesión en su navegador.",
            operator: "Añada la cuenta en App roles > Roles > Instagram Testers, en el panel de Meta, y pida al titular que acepte la invitación en https://www.instagram.com/accounts/manage_access/, o envíe la aplicación a App Review. El mensaje de Instagram es \"Insufficient developer role\".",
        },
        ErrorPage::AppCredentials => Explanation {
            title: "Este servicio no está bien configurado",
            cause: "Instagram no aceptó un ajuste de este servicio. No se ha guardado nada.",
            remedy: CONTACT_OPERATOR,
            operator: "En el panel de Meta, copie Instagram app ID e Instagram app secret de Instagram > API setup with Instagram login > Business login settings. En App settings > Basic aparecen otros valores, que Instagram rechaza (\"Invalid platform app\") y que solo usa el inicio de sesión con Facebook (meta_app_id y meta_app_secret). Compruebe que no haya espacios antes ni después del secreto.",
        },
        ErrorPage::RedirectMismatch => Explanation {
            title: "Instagram todavía no conoce este servicio",
            cause: "Falta un ajuste en Instagram, por lo que no se pudo continuar. No se ha guardado nada.",
            remedy: CONTACT_OPERATOR,
            operator: "En el panel de Meta, registre la dirección completa de /callback en Business login settings > OAuth redirect URIs o, para el inicio de sesión con Facebook, en Facebook Login for Business > Settings > Valid OAuth Redirect URIs. Debe coincidir exactamente: https, host y sin barra final. El panel puede añadir una barra al guardar, así que compruebe el valor guardado. Si coincide, compare los permisos: si Business login settings indica más permisos de los que solicita este servicio, Instagram puede mostrar el mismo error. Solicite los mismos permisos (parámetro Scopes).",
        },
        ErrorPage::InvalidScope => Explanation {
            title: "Este servicio solicita un permiso desconocido",
            cause: "Instagram no reconoce uno de los permisos que solicita este servicio. No se ha guardado nada.",
            remedy: CONTACT_OPERATOR,
            operator: "EVERTOKEN_SCOPES admite permisos que empiezan por instagram_business_. Instagram retiró user_profile y user_media en diciembre de 2024, y business_basic y nombres similares en enero de 2025.",
        },
        ErrorPage::CapabilityMissing => Explanation {
            title: "Instagram todavía no permite esta operación",
            cause: "Falta un ajuste en Instagram. No se ha guardado nada.",
            remedy: CONTACT_OPERATOR,
            operator: "Añada a la aplicación el producto Instagram y sus permisos en el panel de Meta; para el inicio de sesión con Facebook, el producto Facebook Login for Business.",
        },
        ErrorPage::RequestRefused => Explanation {
            title: "Instagram no aceptó el inicio de sesión",
            cause: "No se pudo completar el inicio de sesión. No se ha guardado nada.",
            remedy: CONTACT_OPERATOR,
            operator: "Compruebe EVERTOKEN_GRAPH_VERSION, porque una versión retirada de Graph API causa este error. Si la versión está vigente, comunique el problema con el código y el identificador de traza del registro.",
        },
        ErrorPage::InstagramUnavailable => Explanation {
            title: "Instagram no está disponible en este momento",
            cause: "Instagram no respondió o comunicó un error temporal. No se ha guardado nada.",
            remedy: TRY_LATER,
            operator: "Consulte metastatus.com para ver si hay una interrupción. El registro muestra el paso y el error.",
        },
        ErrorPage::InstagramUnclear => Explanation {
            title: "Respuesta inesperada de Instagram",
            cause: "El servicio no pudo interpretar la respuesta de Instagram. No se ha guardado nada.",
            remedy: TRY_LATER,
            operator: "El registro muestra el paso, el código y el identificador de traza. Si el problema continúa, comuníquelo al proyecto Evertoken.",
        },
        ErrorPage::Throttled => Explanation {
            title: "Demasiadas solicitudes a Instagram",
            cause: "Instagram no acepta más inicios de sesión en este momento. No se ha guardado nada.",
            remedy: "Espere una hora y empiece de nuevo.",
            operator: "La aplicación ha alcanzado su límite de solicitudes (código 4, 17, 32, 613 u 800xx). El panel de Meta muestra el uso. Con más intentos, la espera se alarga.",
        },
        ErrorPage::PolicyBlock => Explanation {
            title: "Bloqueo temporal de Instagram",
            cause: "Instagram ha bloqueado temporalmente este servicio o su cuenta. No se ha guardado nada.",
            remedy: "Compruebe si tiene un mensaje en la aplicación de Instagram y empiece de nuevo más tarde.",
            operator: "Consulte las alertas de la aplicación en el panel de Meta.",
        },
        ErrorPage::ActionBlocked => Explanation {
            title: "Instagram ha restringido esta cuenta",
            cause: "Instagram ha bloqueado acciones de esta cuenta.",
            remedy: "Abra Instagram y siga las instrucciones. Después, empiece de nuevo.",
            operator: "Pida al titular de la cuenta que abra Instagram y siga las instrucciones.",
        },
        ErrorPage::Checkpoint => Explanation {
            title: "Instagram necesita su confirmación",
            cause: "Instagram exige una comprobación de seguridad en su sitio web antes de que se pueda utilizar esta cuenta.",
            remedy: "Abra [Instagram](https://www.instagram.com/) en un navegador y siga las instrucciones. Después, empiece de nuevo.",
            operator: "Pida al titular de la cuenta que inicie sesión en https://www.instagram.com/ y siga las instrucciones.",
        },
        ErrorPage::Unconfirmed => Explanation {
            title: "Esta cuenta de Instagram no está confirmada",
            cause: "No se ha confirmado el correo electrónico o el teléfono de esta cuenta.",
            remedy: "Confírmelo en la aplicación de Instagram. Después, empiece de nuevo.",
            operator: "Pida al titular de la cuenta que lo confirme en Instagram.",
        },
        ErrorPage::AppRemoved => Explanation {
            title: "El permiso se retiró durante el inicio de sesión",
            cause: "La conexión se eliminó de esta cuenta, o Instagram la retiró. No se ha guardado nada.",
            remedy: "Empiece de nuevo y permita el acceso.",
            operator: CONNECT_AGAIN,
        },
        ErrorPage::PasswordChanged => Explanation {
            title: "Instagram ha cerrado su sesión",
            cause: "Se cambió la contraseña, o Instagram cerró la sesión por motivos de seguridad.",
            remedy: "Vuelva a iniciar sesión en Instagram. Después, empiece aquí de nuevo.",
            operator: CONNECT_AGAIN,
        },
        ErrorPage::TokenRefused => Explanation {
            title: "La prueba de conexión ha fallado",
            cause: "Instagram concedió el acceso, pero lo rechazó cuando el servicio lo probó. No se ha guardado nada.",
            remedy: TRY_LATER,
            operator: "Código 190. Si el problema continúa, compruebe que EVERTOKEN_GRAPH_URL y EVERTOKEN_FACEBOOK_GRAPH_URL no están definidas, salvo que pruebe con el sandbox.",
        },
        ErrorPage::PermissionMissing => Explanation {
            title: "No se ha concedido un permiso",
            cause: "No se ha concedido un permiso necesario o se ha retirado.",
            remedy: "Empiece de nuevo y deje seleccionados todos los permisos.",
            operator: "Pida al titular de la cuenta que la conecte de nuevo y deje seleccionados todos los permisos. Es posible que el permiso también requiera Advanced Access.",
        },
        ErrorPage::VaultUnavailable => Explanation {
            title: "No se ha podido guardar la cuenta",
            cause: "El almacenamiento de este servicio no respondió.",
            remedy: TRY_LATER,
            operator: "El registro muestra el código de error del almacenamiento.",
        },
        ErrorPage::VaultDenied => Explanation {
            title: "Este servicio no puede guardar la cuenta",
            cause: "Se ha denegado el acceso al almacenamiento de este servicio.",
            remedy: CONTACT_OPERATOR,
            operator: "Compare el rol de la función con la plantilla. Si utiliza su propia clave de KMS, compruebe la política de la clave. El registro muestra el código de error de AWS.",
        },
        ErrorPage::VaultUnreadable => Explanation {
            title: "La cuenta no se ha podido guardar aquí",
            cause: "El servicio ya guarda otra cosa en este lugar y no la ha modificado.",
            remedy: CONTACT_OPERATOR,
            operator: "El secreto con este nombre no es un documento de cuenta, o lo escribió una versión posterior de Evertoken. Mueva el secreto o elija otro nombre de cuenta.",
        },
        ErrorPage::AppNotSetUp => Explanation {
            title: "Este servicio todavía no está configurado",
            cause: "Quien administra el servicio no ha terminado la configuración.",
            remedy: CONTACT_OPERATOR,
            operator: "Rellene el secreto de la aplicación: {\"app_id\":\"...\",\"app_secret\":\"...\",\"previous_app_secrets\":[]}. El registro indica de qué secreto se trata y qué falla en él.",
        },
        ErrorPage::CredentialsUnavailable => Explanation {
            title: "No se puede iniciar sesión en este momento",
            cause: "El servicio no ha podido leer sus propios ajustes.",
            remedy: TRY_LATER,
            operator: "El registro muestra el nombre del secreto y el código de error de AWS.",
        },
        ErrorPage::Internal => Explanation {
            title: "Se ha producido un error",
            cause: "Se ha producido un error interno en este servicio.",
            remedy: TRY_LATER,
            operator: "El sistema operativo no ha proporcionado números aleatorios. Si el problema continúa, reinicie el servicio.",
        },
        ErrorPage::ReceiptInvalid => Explanation {
            title: "No hay nada que mostrar",
            cause: "Esta página muestra el resultado de un inicio de sesión durante una hora.",
            remedy: "No tiene que hacer nada. Las cuentas conectadas siguen conectadas.",
            operator: "Ejecute evertoken list para ver las cuentas conectadas.",
        },
        ErrorPage::RevealRefused => Explanation {
            title: "Esto ya no se puede mostrar",
            cause: "El texto para copiar se muestra en el navegador que conectó la cuenta, durante los diez minutos siguientes al inicio de sesión.",
            remedy: "Si todavía lo necesita, pida un enlace nuevo a la persona que se lo envió.",
            operator: "Cree otra invitación con evertoken invite --reveal, o entregue el token usted: evertoken token lo muestra.",
        },
        ErrorPage::RevealUsed => Explanation {
            title: "Esto ya se ha mostrado",
            cause: "El texto para copiar se muestra una sola vez. Recargar la página no vuelve a mostrarlo.",
            remedy: "Si no pudo copiarlo, pida un enlace nuevo a la persona que se lo envió.",
            operator: "Cree otra invitación con evertoken invite --reveal. Si el titular no vio el token, lo vio otra persona: pídale que elimine la aplicación en Instagram y que conecte la cuenta de nuevo.",
        },
        ErrorPage::SignedRequestMalformed => Explanation {
            title: "Esta solicitud está incompleta",
            cause: "Falta una parte de la solicitud. No se ha modificado nada.",
            remedy: CLOSE_PAGE,
            operator: "Meta envía este campo. Compruebe en el panel de Meta la Deauthorize Callback URL y la Data Deletion Request URL.",
        },
        ErrorPage::SignedRequestForged => Explanation {
            title: "Esta solicitud no procede de Instagram",
            cause: "No se ha podido comprobar. No se ha modificado nada.",
            remedy: CLOSE_PAGE,
            operator: "Si la solicitud procede de Meta, añada a previous_app_secrets el otro secreto de la aplicación o el anterior.",
        },
        ErrorPage::SignedRequestOutdated => Explanation {
            title: "Esta solicitud está obsoleta",
            cause: "Se hizo antes de la última conexión de la cuenta. No se ha modificado nada.",
            remedy: CLOSE_PAGE,
            operator: "Para eliminar la conexión actual, el titular de la cuenta debe eliminar de nuevo la aplicación en Instagram.",
        },
        ErrorPage::BodyTooLarge => Explanation {
            title: "La solicitud es demasiado grande",
            cause: "Es mayor que cualquier solicitud que envía Instagram. No se ha modificado nada.",
            remedy: CLOSE_PAGE,
            operator: "Las solicitudes de Meta son mucho más pequeñas, así que es probable que esta no proceda de Meta.",
        },
        ErrorPage::DeletionUnknown => Explanation {
            title: "Código de confirmación desconocido",
            cause: "El código está incompleto, se ha modificado o pertenece a otro servicio.",
            remedy: "Abra otra vez la dirección completa, tal como la muestra Instagram.",
            operator: "Los códigos de confirmación van firmados. Un código deja de reconocerse cuando se quita su clave del secreto de firma.",
        },
        ErrorPage::NotFound => Explanation {
            title: "Página no encontrada",
            cause: "No hay ninguna página en esta dirección.",
            remedy: "Abra otra vez el enlace que recibió.",
            operator: "Compruebe el enlace que envió. Los enlaces de invitación empiezan por la dirección de EVERTOKEN_PUBLIC_URL.",
        },
        ErrorPage::WrongMethod => Explanation {
            title: "Esta página no se puede abrir así",
            cause: "La dirección no admite este tipo de solicitud.",
            remedy: "Abra otra vez el enlace que recibió.",
            operator: "Las páginas se abren con GET. Meta llama a /deauthorize y /data-deletion con POST.",
        },
    }
}
