//! Pages of a shop, a bank and a clinic, for the tests of [`super`].

pub(super) const ENGLISH: [(&str, &str); 4] = [
    (
        "returns.md",
        "# Returns and refunds

## How to return something
ask: how do I return something?
ask: I want to send it back
ask: can I exchange it for another size?

Print the return label from your account and put it on the parcel. Then hand the parcel in at any post office.
You have 30 days from the day it arrives. The label is free.

## When the money comes back
ask: when do I get my refund?
ask: how long does a refund take?

We refund you within five working days after the parcel reaches us. The money goes back to the card or account
that you paid with.

## What cannot be returned
ask: what can I not return?
ask: can I return sale items?

Underwear, earrings and gift cards cannot be returned. Sale items can be returned like everything else.

## Damaged goods
ask: my order arrived broken
ask: the item is damaged or defective

Keep the box and take a photo of the damage. We send a replacement at once, and you need not return the broken one.
",
    ),
    (
        "delivery.md",
        "# Delivery

## How long delivery takes
ask: how long does delivery take?
ask: when will my parcel arrive?

Standard delivery takes three to five working days. Express delivery takes one working day and costs 12 dollars.

## What delivery costs
ask: how much is shipping?
ask: is delivery free?

Delivery is free from 50 dollars on. Below that it costs 4 dollars and 90 cents.

## Shipping abroad
ask: do you ship to other countries?
ask: do you deliver internationally?

We ship to Canada, Mexico and all of Europe. Customs fees are not included.

## Ways to pay
ask: how can I pay?
ask: which cards do you accept?
ask: do you take paypal?

We accept Visa, Mastercard, American Express and PayPal. You can also pay with a gift card.

## Our stores
ask: where is your store?
ask: is there parking?

Our store is at 12 Market Street, next to the central station. There is a car park behind the building,
free for two hours.
",
    ),
    (
        "bank.md",
        "# Your account

## Opening an account
ask: how do I open an account?
ask: what documents do I need to open an account?

Bring your passport or driver's license and a recent utility bill. It takes about 20 minutes in any branch.
There is no monthly fee.

## Card limits
ask: how much can I withdraw?
ask: what is my daily limit?

You can withdraw 500 dollars a day at cash machines. You can change the limit in the app.

## Using your card abroad
ask: can I use my card abroad?
ask: what does it cost to pay in a foreign currency?

Your card works in over 200 countries. We charge one percent for payments in a foreign currency.

## Transfers
ask: how long does a transfer take?
ask: how do I send money to another bank?

Transfers within the country arrive the same day. Transfers abroad take up to three working days.

## Forgotten PIN
ask: I forgot my PIN
ask: how do I change my PIN?

You can see your PIN in the app, under card settings. We can also send it by letter, which takes a week.

## Mortgages
ask: how do I get a mortgage?
ask: can I get a loan for a house?

Our advisers in the branch make you an offer. Bring your last three payslips.
",
    ),
    (
        "clinic.md",
        "# The clinic

## Making an appointment
ask: how do I book an appointment?
ask: do I need an appointment?

Call us or book online. Mornings from eight to nine you can walk in without an appointment.

## Cancelling
ask: how do I cancel my appointment?
ask: what happens if I miss my appointment?

Please cancel at least 24 hours before. If you miss an appointment we charge 20 dollars.

## Prescriptions
ask: how do I renew my prescription?
ask: can I get a repeat prescription?

Order your repeat prescription by phone before noon. It is ready the next working day at the front desk.

## Test results
ask: when do I get my test results?
ask: are my blood test results back?

Blood test results are ready after two working days. A nurse explains them on the phone between two and four.

## Insurance
ask: which insurance do you accept?
ask: does my insurance cover this?

We accept all public insurance and most private plans. Bring your insurance card to every visit.

## Vaccinations
ask: do you give flu shots?
ask: can I get vaccinated?

We vaccinate every Wednesday afternoon without an appointment. Flu shots are free for everybody over sixty.

## Before a blood test
ask: can I eat before my blood test?
ask: do I have to fast?

Do not eat for eight hours before a blood test. Water is fine.
",
    ),
];

pub(super) const SPANISH: [(&str, &str); 3] = [
    (
        "tienda.md",
        "# Devoluciones y envíos

## Cómo devolver algo
ask: ¿cómo puedo devolver algo?
ask: quiero cambiarlo por otra talla

Imprima la etiqueta desde su cuenta y péguela en el paquete. Tiene 30 días desde la entrega. La devolución es gratuita.

## Cuándo se recibe el reembolso
ask: ¿cuándo me devuelven el dinero?
ask: ¿cuánto tarda el reembolso?

Devolvemos el dinero en cinco días laborables, por el mismo medio de pago.

## Cuánto tarda el envío
ask: ¿cuánto tarda el envío?
ask: ¿cuándo llega mi paquete?

El envío normal tarda de tres a cinco días laborables. El envío urgente llega al día siguiente y cuesta diez euros.

## Formas de pago
ask: ¿cómo puedo pagar?
ask: ¿qué tarjetas aceptan?

Aceptamos Visa, Mastercard y PayPal. También puede pagar con una tarjeta regalo.

## Nuestra tienda
ask: ¿dónde está la tienda?
ask: ¿hay aparcamiento?

La tienda está en la calle Mayor 12, junto a la estación. Detrás del edificio hay aparcamiento gratuito.
",
    ),
    (
        "banco.md",
        "# Su cuenta

## Abrir una cuenta
ask: ¿cómo abro una cuenta?
ask: ¿qué documentos necesito para abrir una cuenta?

Traiga su documento de identidad o pasaporte y un recibo reciente. Se tarda unos 20 minutos en cualquier sucursal.

## Límite de la tarjeta
ask: ¿cuánto dinero puedo sacar del cajero?
ask: ¿cuál es mi límite diario?

Puede sacar 500 euros al día en los cajeros. El límite se cambia en la aplicación.

## Tarjeta en el extranjero
ask: ¿puedo usar mi tarjeta en el extranjero?

Su tarjeta funciona en más de 200 países. Cobramos el uno por ciento por pagos en otra moneda.

## PIN olvidado
ask: he olvidado mi pin
ask: ¿cómo cambio el pin?

Puede ver su PIN en la aplicación, en los ajustes de la tarjeta.
",
    ),
    (
        "clinica.md",
        "# La clínica

## Pedir cita
ask: ¿cómo pido una cita?
ask: ¿necesito cita?

Llámenos o pida la cita por internet. De ocho a nueve puede venir sin cita.

## Cancelar una cita
ask: ¿cómo cancelo mi cita?
ask: ¿qué pasa si no voy a la cita?

Cancele al menos 24 horas antes. Si no viene, cobramos 20 euros.

## Recetas
ask: ¿cómo renuevo mi receta?

Pida su receta por teléfono antes del mediodía. Está lista al día siguiente en recepción.

## Resultados de los análisis
ask: ¿cuándo están los resultados de mis análisis?

Los resultados están listos en dos días laborables. Una enfermera los explica por teléfono.

## Seguros
ask: ¿qué seguros aceptan?
ask: ¿lo cubre mi seguro?

Aceptamos todos los seguros públicos y la mayoría de los privados.

## Vacunas
ask: ¿ponen la vacuna de la gripe?

Vacunamos los miércoles por la tarde sin cita. La vacuna de la gripe es gratuita para mayores de sesenta.
",
    ),
];
