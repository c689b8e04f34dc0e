//! Words that mean much the same to someone who asks for help: "arrive", "come", "deliver".
//!
//! Decides which words share a meaning when sentences are compared; each word stays a feature of its own
//! besides, so that nothing is lost where the difference counts. A word in several lines belongs to the
//! first. Forms are told apart by the stemmer, so one of each stem is enough.

use crate::dialogue::spoken::Language;
use rust_stemmers::Stemmer;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Number of the meaning, by stem.
pub(super) type Meanings = BTreeMap<String, u64>;

/// What is known of a language; put together once, since every sentence needs it.
pub(super) fn meanings(language: Language, stemmer: &Stemmer) -> &'static Meanings {
    static KNOWN: [OnceLock<Meanings>; 2] = [OnceLock::new(), OnceLock::new()];
    let (known, lines) = match language {
        Language::English => (&KNOWN[0], ENGLISH),
        Language::Spanish => (&KNOWN[1], SPANISH),
    };
    known.get_or_init(|| {
        let mut out = Meanings::new();
        for (number, line) in (0..).zip(lines.lines()) {
            for word in line.split(' ') {
                out.entry(stemmer.stem(word).into_owned()).or_insert(number);
            }
        }
        out
    })
}

/// A meaning per line.
const ENGLISH: &str = "\
arrive arrived arrival come came coming receive received get got gotten getting reach show appear
send sent sending deliver delivered delivery ship shipped shipping shipment post posted mail mailed dispatch
track tracking trace locate find found whereabouts where
wait waiting waited expect expecting expected
late delay delayed slow overdue
long while duration time
fast quick quickly soon asap urgent urgently immediately immediate instantly hurry express rush
want wish would like prefer hope need require must
help assist assistance support advise advice
tell explain know understand say inform clarify
show see view check look display review
why reason cause how
change changed update updated edit modify alter correct switch adjust amend
wrong incorrect mistake mistaken error inaccurate messed
problem issue trouble fault glitch
cancel cancelled canceled cancellation stop abort undo revoke withdraw reverse revert reversed
refund refunded reimburse reimbursement money back return returned
fee fees charge charged charges cost costs price pricing rate expense commission surcharge
extra additional added more another second
twice double duplicate duplicated two repeated multiple
money cash funds fund amount sum dollars pounds euros
pay paid payment payments paying
buy bought purchase purchased order ordered
transaction transactions operation
transfer transferred transferring wire remit
deposit deposited add added load loaded put
balance available total
withdraw withdrawal withdrew withdrawn withdrawing atm cashpoint machine
bank banks banking
account accounts profile
card cards plastic
lost lose missing misplaced disappeared vanished gone
stolen steal stole theft thief robbed mugged taken took
fraud fraudulent scam unauthorized unauthorised suspicious hacked compromised stranger somebody someone
recognize recognise recognized familiar unfamiliar unknown strange weird odd
broken broke damaged faulty defective working work works functioning function functional failing malfunction
decline declined reject rejected refuse refused denied deny fail failed unsuccessful failure
accept accepted take supported allow allowed permit permitted
block blocked freeze frozen lock locked stuck disable disabled suspended
unblock unlock unfreeze reactivate restore
activate activated activation enable enabled start started begin setup set register registered
close closed closing delete deleted remove removed terminate deactivate end
open opened opening create created make made new
pending processing process unconfirmed outstanding
complete completed finish finished done cleared clear
password passcode pin code pincode passphrase
forgot forgotten forget remember reset recover
verify verified verification confirm confirmed identify identification authenticate prove proof validate
identity id document documents passport license
name surname lastname firstname
address residence home live moved moving
phone mobile telephone cellphone cell smartphone device
number numbers digits
country countries nation abroad overseas foreign international worldwide europe european
currency currencies exchange exchanged convert conversion exchanging
limit limits maximum max minimum restriction restrictions cap most least
age old young kids child children daughter son
friend friends family relative
person people agent human representative someone operator
show visible reflected reflect appear appearing
today now currently presently moment
tomorrow yesterday week weeks month months days day
again still yet already
possible able can could may
cannot cant couldnt unable impossible wont
not isnt wasnt hasnt havent didnt doesnt dont never no without
virtual disposable temporary digital online electronic
physical real actual
expire expired expires expiration expiry valid
replace replacement renew new another
which what
shop store merchant seller vendor retailer
app application website site
statement bill invoice receipt
use used using usage utilize
apply application request requested requesting ask asked
book booked booking reserve reserved reservation schedule scheduled
appointment meeting visit
doctor physician nurse practitioner
hours opening schedule
near nearby nearest close closest around
cheap cheaper discount coupon voucher promotion offer deal";

/// A meaning per line, without accents.
const SPANISH: &str = "\
llegar llega llegado llegue recibir recibo recibido aparecer aparece
enviar envio enviado mandar mandado entregar entrega entregado despachar
rastrear rastreo seguimiento localizar encontrar donde paradero
esperar espero esperando espera
tarde retraso retrasado demora demorado lento
rapido rapidamente pronto urgente urgencia inmediatamente inmediato ya prisa
querer quiero quisiera gustaria deseo desear necesito necesitar prefiero
ayuda ayudar asistencia apoyo soporte consejo
decir digame dime explicar saber informar informacion conocer
ver mostrar mirar revisar consultar comprobar verificar
porque causa motivo razon
cambiar cambio modificar modificacion actualizar corregir editar mover
mal incorrecto equivocado equivocacion error erroneo
problema fallo averia dificultad lio
cancelar cancelacion anular anulacion detener
reembolso reembolsar devolucion devolver devuelto reintegro
comision cargo coste costo costar cuesta precio tarifa cobro cobrar cobrado
doble dos duplicado repetido
dinero efectivo fondos importe monto suma
pagar pago pagado abonar
comprar compra comprado adquirir pedido pedir
transferencia transferir transferido
ingresar ingreso deposito depositar
saldo disponible
retirar retiro retirada sacar cajero
perdido perdi perder extraviado extravie desaparecido falta
robado robo robaron ladron hurto
fraude fraudulento estafa sospechoso extrano desconocido
roto rota danado defectuoso funciona funcionar averiado estropeado
rechazado rechazar denegado fallido fallo
bloquear bloqueado bloqueo congelar desactivar suspender
activar activacion desbloquear habilitar
cerrar cierre eliminar borrar baja
abrir abierto crear nueva nuevo
pendiente proceso procesando
contrasena clave pin codigo
olvidado olvide olvidar recordar recuperar
identidad documento dni pasaporte identificacion
direccion domicilio vivo casa mudanza
telefono movil celular
pais extranjero internacional
limite maximo minimo tope
persona agente humano operador alguien asesor
puedo poder puede posible
cita turno hora reserva reservar
medico doctor doctora
horario abren abierto
cerca cercano proximo
barato descuento cupon oferta rebaja promocion
factura recibo extracto";
