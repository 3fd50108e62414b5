//! Spanish.

pub(super) mod errors;

use super::phrases::Phrases;

pub(super) const PHRASES: Phrases = Phrases {
    lang: "es",
    home_title: "Mantenga conectada su cuenta de Instagram",
    home_description: "Conecte su cuenta de Instagram una sola vez. Este servicio renueva la conexión antes de que caduque.",
    home_connect: "Conectar una cuenta",
    home_requirement: "Necesita una cuenta profesional (de empresa o de creador).",
    home_invite_only: "Para conectar una cuenta, necesita un enlace de invitación. Solicítelo a quien administra este servicio.",
    note_title: "Conecte su cuenta de Instagram",
    note_from: "Mensaje de la persona que le ha invitado:",
    note_next: "A continuación, Instagram le pedirá permiso. Puede retirarlo en Instagram en cualquier momento.",
    note_continue: "Continuar a Instagram",
    connected_title: "Cuenta conectada",
    connected_heading: "@{username} está conectada",
    connected_next: "Todo listo. La conexión se renueva automáticamente, mucho antes de que caduque.",
    connected_name: "Nombre de la cuenta",
    connected_until: "El acceso actual caduca el",
    connected_location: "Guardado en",
    connected_command: "Para leer el token, ejecute:",
    deletion_title: "Eliminación de datos completada",
    deletion_account: "Todos los datos guardados sobre su cuenta de Instagram se han eliminado de forma definitiva: el token de acceso, los identificadores de la cuenta, el nombre de usuario y la fecha de conexión.",
    deletion_nothing: "Cuando llegó la solicitud, no había datos guardados sobre su cuenta de Instagram.",
    deletion_date: "Fecha de la solicitud (UTC)",
    deletion_next: "No tiene que hacer nada más.",
    operator_heading: "Para quien administra este servicio",
    error_restart: "Empezar de nuevo",
    error_reference: "Referencia (también en el registro):",
};
