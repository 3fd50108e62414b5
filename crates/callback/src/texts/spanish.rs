//! Spanish.

use super::{Explanation, Phrases, explain};
use crate::topic::Topic;

pub(super) const PHRASES: Phrases = Phrases {
    code: "es",
    home_title: "Acceso a Instagram que dura",
    home_what: "Este servicio mantiene vivo el acceso a una cuenta de Instagram: usted lo permite una vez y se renueva antes de caducar.",
    home_connect: "Conectar una cuenta",
    home_professional: "Funciona con cuentas profesionales (empresa o creador).",
    home_invited: "Para conectar una cuenta necesita un enlace de invitación. Pídaselo a quien lleva este servicio.",
    note_title: "Conecte su cuenta de Instagram",
    note_lead: "Quien le ha invitado escribe:",
    note_next: "A continuación, Instagram le pregunta si lo permite. Puede retirarlo allí en cualquier momento.",
    note_continue: "Continuar a Instagram",
    connected_title: "Conectada",
    connected_heading: "@{username} está conectada",
    connected_done: "No tiene que hacer nada más. El acceso se renueva solo, mucho antes de caducar.",
    connected_account: "Cuenta",
    connected_until: "El acceso actual vale hasta",
    connected_location: "Dónde se guarda",
    connected_command: "Quien lleva este servicio lo lee con:",
    deletion_title: "Sus datos se han eliminado",
    deletion_account: "Todo lo guardado sobre su cuenta de Instagram se ha eliminado para siempre: el acceso, los identificadores, el nombre de usuario y la fecha de conexión.",
    deletion_nothing: "No había nada guardado sobre su cuenta de Instagram cuando llegó la solicitud.",
    deletion_when: "Fecha de la solicitud (UTC)",
    deletion_left: "No tiene que hacer nada más.",
    problem_start: "Empezar de nuevo",
    problem_operator: "Para quien lleva este servicio",
    problem_reference: "Referencia, también en el registro:",
};

const AGAIN: &str = "Empiece de nuevo con el enlace que recibió.";
const NEW_INVITE: &str = "Pida un enlace nuevo a quien se lo envió.";
const LATER: &str =
    "Empiece de nuevo dentro de un minuto. Si continúa, avise a quien lleva este servicio, con la referencia de abajo.";
const TELL: &str = "Usted no ha hecho nada mal. Avise a quien lleva este servicio, con la referencia de abajo.";

#[expect(clippy::too_many_lines, reason = "a table, one row a page")]
pub(super) fn explanation(topic: Topic) -> Explanation {
    match topic {
        Topic::InviteMissing => explain(
            "Necesita una invitación",
            "Aquí solo se conectan cuentas con un enlace de invitación.",
            "Pida un enlace a quien le envió aquí.",
        ),
        Topic::InviteForged => explain(
            "Esta invitación no es válida",
            "El enlace se modificó o se cortó por el camino, o es de otro servicio.",
            "Abra otra vez el enlace completo; si no sirve, pida uno nuevo.",
        ),
        Topic::InviteExpired => explain(
            "Esta invitación ha caducado",
            "Los enlaces de invitación valen durante un tiempo limitado.",
            NEW_INVITE,
        ),
        Topic::InviteUsed => explain(
            "Esta invitación ya se utilizó",
            "Valía para un inicio de sesión, y con ella se conectó una cuenta.",
            "Si fue usted, no hay nada más que hacer. Si no, pida un enlace nuevo a quien se lo envió.",
        ),
        Topic::ReturnNotAllowed => explain(
            "Este enlace lleva a un lugar no permitido",
            "Al terminar le enviaría a una dirección que este servicio no conoce.",
            NEW_INVITE,
        )
        .operator("Añada la dirección a EVERTOKEN_RETURN_URLS (ReturnUrls en la plantilla) o haga un enlace sin ella."),
        Topic::Cancelled => explain(
            "No ha conectado la cuenta",
            "Eligió cancelar en la página de Instagram. No se guardó nada.",
            "Empiece de nuevo si no era lo que quería.",
        ),
        Topic::StateMissing => explain(
            "Esta página no se puede abrir sola",
            "Forma parte de un inicio de sesión, y no se ha empezado ninguno.",
            AGAIN,
        ),
        Topic::StateForged => explain(
            "Este inicio de sesión no puede continuar",
            "Su dirección se modificó o se cortó a la vuelta de Instagram.",
            AGAIN,
        ),
        Topic::StateExpired => explain(
            "Este inicio de sesión ha tardado demasiado",
            "Hay que terminarlo en diez minutos.",
            AGAIN,
        ),
        Topic::StateUsed => explain(
            "Este inicio de sesión ha terminado",
            "Ya se intentó y no salió bien; volver atrás o recargar no lo repite.",
            AGAIN,
        ),
        Topic::OtherBrowser => explain(
            "Este inicio de sesión no empezó en este navegador",
            "Empezó en otro navegador o aplicación (la de Instagram abre el suyo), o su navegador no acepta cookies.",
            "Copie el enlace que recibió, ábralo en un navegador y no salga de él hasta el final.",
        ),
        Topic::CodeMissing => explain(
            "La respuesta de Instagram está incompleta",
            "Instagram le ha devuelto sin código de autorización.",
            AGAIN,
        ),
        Topic::CodeUsed => explain(
            "La respuesta de Instagram ya se utilizó",
            "Una respuesta de Instagram vale una vez y durante una hora, y esta ya está gastada.",
            AGAIN,
        ),
        Topic::ScopesMissing => explain(
            "Falta un permiso",
            "No se concedieron estos permisos: {scopes}.",
            "Empiece de nuevo y deje marcados todos los permisos. No se guardó nada.",
        )
        .operator("EVERTOKEN_SCOPES (Scopes en la plantilla) dice qué se pide."),
        Topic::PersonalAccount => explain(
            "Es una cuenta personal",
            "@{username} es una cuenta personal, e Instagram solo atiende a las profesionales.",
            "En la aplicación de Instagram abra Configuración > Tipo de cuenta y herramientas > Cambiar a cuenta profesional; es gratis. Después empiece de nuevo.",
        ),
        Topic::OtherAccount => explain(
            "No es la cuenta esperada",
            "Ha entrado como @{username}, pero este enlace es para {expected}.",
            "Abra https://www.instagram.com/ y cambie a la cuenta correcta; después empiece de nuevo. No se guardó nada.",
        )
        .operator("Si la cuenta nueva debe ocupar el lugar de la anterior, haga una invitación que lo permita (evertoken invite --replace)."),
        Topic::TesterNotAccepted => explain(
            "Instagram todavía no deja entrar a esta cuenta",
            "Esta cuenta no ha aceptado la invitación de tester, o a la aplicación le falta Advanced Access.",
            "En un ordenador, con esta cuenta, abra https://www.instagram.com/accounts/manage_access/ y acepte en las invitaciones de tester. Después empiece de nuevo.",
        )
        .operator("Instagram dijo \"Unsupported request - method type: get\" (código 100). Para cuentas propias: App roles > Roles > Instagram Testers en el panel de Meta; compruebe el nombre y que la invitación (30 días) esté aceptada. Para las demás: App Review para Advanced Access, Business Verification y la revisión anual del uso de datos."),
        Topic::InsufficientRole => explain(
            "Esta cuenta aún no forma parte de la aplicación",
            "La aplicación está en desarrollo, e Instagram solo deja entrar a cuentas que tienen un papel en ella.",
            "Pida a quien lleva este servicio que le añada como tester de Instagram, acepte en https://www.instagram.com/accounts/manage_access/ y empiece de nuevo. Compruebe con qué cuenta está abierto su navegador.",
        )
        .operator("Añada la cuenta en App roles > Roles > Instagram Testers del panel de Meta, o pase App Review (Instagram dijo \"Insufficient developer role\")."),
        Topic::AppCredentials => explain(
            "Este servicio no está bien configurado",
            "Instagram no acepta el identificador o el secreto de la aplicación.",
            TELL,
        )
        .operator("Copie Instagram app ID e Instagram app secret de Instagram > API setup with Instagram login > Business login settings; los de App settings > Basic son otra pareja (\"Invalid platform app\"). Mire si hay espacios alrededor del secreto."),
        Topic::RedirectMismatch => explain(
            "La dirección de este servicio no está registrada",
            "Instagram no conoce la dirección a la que debe devolverle.",
            TELL,
        )
        .operator("Registre la dirección de /callback en Business login settings > OAuth redirect URIs, igual hasta la última letra: https, host, sin barra final (el panel puede añadir una al guardar; vuelva a leerla)."),
        Topic::InvalidScope => explain(
            "Este servicio pide un permiso que no existe",
            "Instagram no conoce uno de los permisos.",
            TELL,
        )
        .operator("EVERTOKEN_SCOPES admite permisos instagram_business_... user_profile y user_media terminaron con la Basic Display API en diciembre de 2024, business_basic y similares en enero de 2025."),
        Topic::CapabilityMissing => explain(
            "A la aplicación le falta una capacidad",
            "Instagram dice que la aplicación no puede hacerlo (código 3).",
            TELL,
        )
        .operator("Añada a la aplicación, en el panel de Meta, el producto Instagram y sus permisos."),
        Topic::RequestRefused => explain(
            "Instagram ha rechazado la solicitud",
            "Instagram la considera incorrecta o no permitida.",
            TELL,
        )
        .operator("El registro tiene el paso, el código y el identificador de traza. También ocurre con una versión de Graph que ya no existe: vea EVERTOKEN_GRAPH_VERSION."),
        Topic::InstagramUnavailable => explain(
            "Ahora no se puede llegar a Instagram",
            "Instagram no respondió o comunicó un fallo pasajero. No se guardó nada.",
            LATER,
        ),
        Topic::InstagramUnclear => explain(
            "Instagram no respondió bien",
            "No se pudo entender su respuesta. No se guardó nada.",
            LATER,
        ),
        Topic::Throttled => explain(
            "Instagram pide que esperemos",
            "Por ahora no permite más inicios de sesión. No se guardó nada.",
            "Empiece de nuevo dentro de una hora.",
        )
        .operator("El límite de la aplicación está agotado (códigos 4, 17, 32, 613 u 800xx). El panel de Meta muestra el uso; más intentos alargan la espera."),
        Topic::PolicyBlock => explain(
            "Instagram lo ha bloqueado durante un tiempo",
            "Ha bloqueado la aplicación o la cuenta por sus normas (código 368).",
            "Mire en la aplicación de Instagram si hay un mensaje para usted y empiece de nuevo más tarde.",
        )
        .operator("Mire los avisos de la aplicación en el panel de Meta."),
        Topic::ActionBlocked => explain(
            "Instagram ha bloqueado acciones de esta cuenta",
            "Instagram no deja que esta cuenta haga lo que se pidió.",
            "Abra Instagram, siga lo que le pida y después empiece de nuevo.",
        ),
        Topic::Checkpoint => explain(
            "Instagram quiere que antes confirme algo",
            "Pide que esta cuenta entre en su propia página y siga allí las instrucciones.",
            "Abra https://www.instagram.com/ en un navegador, haga lo que pida y después empiece de nuevo.",
        ),
        Topic::Unconfirmed => explain(
            "Esta cuenta de Instagram no está confirmada",
            "Instagram espera que se confirme su correo o su teléfono.",
            "Confírmelo en la aplicación de Instagram y después empiece de nuevo.",
        ),
        Topic::AppRemoved => explain(
            "La aplicación se retiró durante el inicio de sesión",
            "Instagram dice que esta cuenta ha retirado el acceso.",
            "Empiece de nuevo y elija permitir.",
        ),
        Topic::PasswordChanged => explain(
            "Instagram ha cerrado la sesión",
            "Se cambió la contraseña, o Instagram cerró todas las sesiones por seguridad.",
            "Entre de nuevo en Instagram y después empiece aquí otra vez.",
        ),
        Topic::TokenRefused => explain(
            "Instagram no acepta su propia respuesta",
            "Emitió un acceso y lo rechazó al probarlo. No se guardó nada.",
            LATER,
        )
        .operator("Código 190. Si continúa, quizá los hosts no correspondan al tipo de inicio de sesión (EVERTOKEN_PROVIDER, EVERTOKEN_GRAPH_URL)."),
        Topic::PermissionMissing => explain(
            "No se concedió un permiso",
            "Instagram dice que falta un permiso o que se ha retirado.",
            "Empiece de nuevo y deje marcados todos los permisos.",
        )
        .operator("Código 10 o de 200 a 299. El permiso puede necesitar además Advanced Access."),
        Topic::VaultUnavailable => explain(
            "No se pudo guardar la cuenta",
            "El lugar donde se guardan los accesos no respondió.",
            LATER,
        ),
        Topic::VaultDenied => explain(
            "Este servicio no puede guardar la cuenta",
            "El lugar donde se guardan los accesos rechaza a este servicio.",
            TELL,
        )
        .operator("Compare el rol de la función con el de la plantilla, y la política de la clave KMS si usa una. El registro tiene el código de error de AWS."),
        Topic::VaultUnreadable => explain(
            "Con este nombre hay guardada otra cosa",
            "No se puede leer lo que hay, y por eso no se ha tocado.",
            TELL,
        )
        .operator("Mire el secreto de este nombre: no es un documento de cuenta, o es de una versión posterior de Evertoken. Muévalo o elija otro nombre."),
        Topic::AppNotSetUp => explain(
            "Este servicio aún no está configurado",
            "Faltan el identificador y el secreto de la aplicación de Instagram.",
            TELL,
        )
        .operator("Rellene el secreto de la aplicación: {\"app_id\":\"...\",\"app_secret\":\"...\",\"previous_app_secrets\":[]}. El registro dice cuál es y qué le falta."),
        Topic::CredentialsUnavailable => explain(
            "Ahora este servicio no puede iniciar su sesión",
            "No se pudieron leer sus propias credenciales.",
            LATER,
        )
        .operator("El registro dice qué secreto es y el código de error de AWS."),
        Topic::Internal => explain(
            "Aquí algo ha fallado",
            "La máquina que sirve esta página tiene un fallo.",
            LATER,
        ),
        Topic::ReceiptInvalid => explain(
            "No hay nada que mostrar",
            "Esta página muestra un inicio de sesión hasta una hora después.",
            "No hay que hacer nada: lo que se conectó sigue conectado.",
        ),
        Topic::SignedRequestMalformed => explain(
            "Falta un signed_request",
            "La solicitud no tiene un campo signed_request que se pueda leer.",
            "Esta dirección es para los servidores de Instagram. No se cambió nada.",
        ),
        Topic::SignedRequestForged => explain(
            "El signed_request no es válido",
            "No está firmado con el secreto de esta aplicación.",
            "Esta dirección es para los servidores de Instagram. No se cambió nada.",
        )
        .operator("Si vino de Meta: añada el otro secreto de la aplicación, o el anterior, a previous_app_secrets."),
        Topic::BodyTooLarge => explain(
            "La solicitud es demasiado grande",
            "Pasa de 64 KiB.",
            "Esta dirección es para los servidores de Instagram. No se cambió nada.",
        ),
        Topic::DeletionUnknown => explain(
            "No se conoce este código de confirmación",
            "Se modificó o se cortó, o es de otro servicio.",
            "Abra otra vez la dirección completa, como la muestra Instagram.",
        ),
        Topic::NotFound => explain(
            "No existe esta página",
            "La dirección no lleva a ninguna parte.",
            "Abra otra vez el enlace que recibió.",
        ),
        Topic::WrongMethod => explain(
            "Esta página se abre de otra manera",
            "El método de la solicitud no corresponde a la dirección.",
            "Abra otra vez el enlace que recibió.",
        ),
    }
}
