"""What each finding of a verification is called, in French: a sentence for every code.

The keys: a code alone; ``read/code``, what a step says in its own way; ``code/why``, one case of
it (`params["why"]`, or the form that was read). ``%(…)s`` are the facts of the case.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

# What is said of the document itself; of another document met on the way it would mislead.
ABOUT_THE_DOCUMENT = frozenset(
    {
        "empty",
        "too_large",
        "not_utf8",
        "not_json",
        "not_object",
        "too_deep",
        "too_many_values",
        "duplicate_key",
        "number_invalid",
        "lone_surrogate",
        "file_damaged",
        "file_encrypted",
        "nothing_baked",
    }
)

# Each is put into words when it is said: a report says a dozen of these two hundred.
SENTENCES: dict[str, LazyString] = {
    # read
    "read": _("Un document a été trouvé dans ce que vous avez donné."),
    "read/json": _("Le document a été lu."),
    "read/jwt": _("Le jeton signé (JWT) a été lu."),
    "read/png": _("Un document a été trouvé dans l’image PNG."),
    "read/svg": _("Un document a été trouvé dans l’image SVG."),
    "read/pdf": _("Un document a été trouvé dans le PDF."),
    "empty": _("Il n’y a rien à lire : choisissez un fichier, collez un texte ou une adresse."),
    "too_large": _(
        "C’est trop gros pour être un badge : 2 Mo au plus pour un texte, 8 Mo pour une image "
        "ou un PDF."
    ),
    "not_utf8": _("Ce fichier n’est ni un texte, ni une image PNG ou SVG, ni un PDF."),
    "not_json": _(
        "Ce texte n’est pas du JSON, ou il est coupé : copiez-le en entier, de la première "
        "accolade à la dernière."
    ),
    "not_json/file": _(
        "Ce fichier n’est pas un badge, ou il est coupé : reprenez le fichier d’origine, en entier."
    ),
    "not_object": _("Ce JSON n’est pas un badge : un badge commence par une accolade."),
    "too_deep": _("Ce document est trop imbriqué pour être un badge."),
    "too_many_values": _("Ce document est trop long pour être un badge."),
    "duplicate_key": _(
        "Ce document dit deux fois la même chose à un endroit : on ne sait laquelle croire."
    ),
    "number_invalid": _("Un nombre de ce document n’est pas un nombre."),
    "lone_surrogate": _("Un texte de ce document est abîmé : il contient un demi-caractère."),
    "file_damaged": _(
        "Ce fichier est abîmé, coupé, ou n’est pas une image de badge : reprenez l’original."
    ),
    "file_encrypted": _("Ce PDF est protégé par un mot de passe : il ne peut pas être lu."),
    "nothing_baked": _("Ce fichier ne contient pas de badge signé."),
    "nothing_baked/png": _(
        "Cette image ne contient pas de badge signé. Une capture d’écran, une photo ou une "
        "image copiée l’a perdu : prenez le fichier d’origine."
    ),
    "nothing_baked/svg": _(
        "Cette page ou cette image ne contient pas de badge signé : prenez le fichier "
        "d’origine, ou l’adresse du badge lui-même."
    ),
    "nothing_baked/pdf": _(
        "Ce PDF ne contient pas de badge signé. Un PDF imprimé, numérisé, réenregistré ou coupé "
        "en route l’a perdu : prenez le fichier d’origine."
    ),
    "not_a_badge": _(
        "Ce document se lit, mais ce n’est pas un badge : il ne dit ni ce qu’il atteste, ni "
        "qui le délivre."
    ),
    "a_description": _(
        "C’est la description d’un badge ou d’un émetteur, pas un badge délivré à quelqu’un : "
        "donnez celui de la personne."
    ),
    "page_without_badge": _(
        "C’est une page web, et non le badge lui-même : téléchargez-y le fichier du badge, et "
        "donnez-le ici."
    ),
    "recipient_malformed": _("Le destinataire demandé n’est pas un texte."),
    "two_given": _(
        "Vous avez donné plusieurs choses à vérifier : n’en gardez qu’une, pour que la "
        "réponse parle d’elle."
    ),
    "address_malformed": _(
        "Ce n’est pas l’adresse d’une page : elle ressemble à https://lieu.example/credentials/…"
    ),
    "address_here": _(
        "Cette adresse est celle de cette page. Le code d’une attestation y mène quand le "
        "badge n’est pas public : déposez ici le fichier de l’attestation (PDF)."
    ),
    "wrapped_unsupported": _(
        "Ce badge est enveloppé dans un autre document, qui n’est pas ouvert ici : donnez le "
        "badge lui-même."
    ),
    "jwt_unsupported": _("Ce badge est signé sous forme de jeton (JWT), qui n’est pas lu ici."),
    "ob2_unsupported": _(
        "C’est un badge de l’ancien format Open Badges 2.0, qui n’est pas lu ici."
    ),
    "not_reached": _("Pas regardé : rien de lisible n’a été trouvé."),
    "internal_error": _(
        "Cette étape n’a pas pu être menée à bien ici : la cause est chez nous, ou dans un "
        "document hors du commun."
    ),
    # shape, contexts
    "shape": _("Il a la forme d’un Open Badge 3.0."),
    "shape_not_badge": _("C’est une attestation signée, mais pas un Open Badge."),
    "shape_missing": _("Il y manque ce que la norme exige : %(path)s."),
    "shape_wrong_type": _("Un élément n’est pas écrit comme la norme l’exige : %(path)s."),
    "shape_not_first": _("Un élément n’est pas à la place que la norme exige : %(path)s."),
    "shape_not_an_address": _("Un élément devrait être une adresse : %(path)s."),
    "shape_repeated": _("Un élément est nommé deux fois : %(path)s."),
    "shape_too_early": _("Il ne serait déjà plus valable quand il le devient : %(path)s."),
    "contexts": _("Chaque mot qu’il emploie a un sens connu."),
    "context_unknown": _(
        "Il emploie un vocabulaire inconnu d’ici (%(address)s), jamais téléchargé : ce qu’il "
        "veut dire n’a pas pu être vérifié."
    ),
    "term_undefined": _("Il emploie un mot qu’aucun de ses vocabulaires ne définit."),
    "type_undefined": _("Il se dit d’un genre qu’aucun de ses vocabulaires ne définit."),
    "member_not_a_term": _(
        "Un de ses éléments porte pour nom une adresse ou un mot réservé : on ne sait ce qu’il "
        "veut dire."
    ),
    "described_elsewhere": _(
        "Ce qui décide de ce badge (%(term)s) y est dit ailleurs qu’à sa place, où nul ne le "
        "lit : ce n’est pas vérifié ici."
    ),
    "context_invalid": _("La liste de ses vocabulaires est mal écrite."),
    "context_inline_unsafe": _(
        "Il redéfinit lui-même le sens de mots de la norme : il dirait autre chose que ce "
        "qu’on y lit."
    ),
    "too_many_contexts": _("Il emploie trop de vocabulaires à la fois."),
    "control_character": _("Un de ses textes contient un caractère invisible et interdit."),
    "direction_unsupported": _(
        "Il fixe le sens d’écriture de textes, ce que toutes les signatures ne couvrent pas : "
        "ce n’est pas vérifié ici."
    ),
    "iri_relative": _("Une de ses adresses est incomplète : elle changerait selon le lecteur."),
    "language_invalid": _("La langue d’un de ses textes n’est pas écrite comme il faut."),
    "jsonld_invalid": _("Son vocabulaire (JSON-LD) n’est pas employé comme il faut."),
    "jsonld_unsupported": _("Il emploie une tournure de JSON-LD qui n’est pas vérifiée ici."),
    "number_unsupported": _(
        "Il contient un nombre à virgule ou très grand, que tous ne relisent pas de la même "
        "façon : sa signature n’est pas vérifiée ici."
    ),
    "graph_too_tangled": _("Il est trop emmêlé pour être comparé à sa signature."),
    # proof
    "signature": _("La signature correspond mot pour mot au contenu."),
    "signature_wrong": _(
        "La signature ne correspond pas au contenu : il a été changé après coup, ou signé "
        "avec une autre clé."
    ),
    "proof_missing": _("Il n’est pas signé : n’importe qui a pu l’écrire."),
    "proof_invalid": _("Sa signature est mal écrite : elle ne peut pas être juste."),
    "proof_value": _("Sa signature est abîmée ou incomplète."),
    "proof_chain": _("Sa signature s’appuie sur une autre, qui manque."),
    "proof_context": _("Sa signature a été faite avec d’autres vocabulaires que les siens."),
    "too_many_proofs": _("Il porte trop de signatures pour être vérifié ici."),
    "base58_invalid": _("Sa signature ou sa clé contient un caractère qui n’y a pas sa place."),
    "base58_too_long": _("Sa signature ou sa clé est trop longue pour en être une."),
    "base64url_invalid": _("Sa signature ou sa clé contient un caractère qui n’y a pas sa place."),
    "multibase_invalid": _("La clé qui a signé est mal écrite."),
    "proof_expired": _("Sa signature a dépassé la date jusqu’à laquelle elle vaut."),
    "proof_purpose": _("Sa signature a été faite pour autre chose qu’attester."),
    "suite_unsupported": _("Sa signature est d’un genre qui n’est pas vérifié ici (%(suite)s)."),
    # tokens
    "token_invalid": _("Ce jeton (JWT) est abîmé, ou n’en est pas un."),
    "token_extension": _("Ce jeton demande une extension qui n’est pas connue ici."),
    "claim_mismatch": _(
        "Le jeton et le badge qu’il contient ne disent pas la même chose (%(claim)s)."
    ),
    "key_mismatch": _("Le jeton nomme une clé et en porte une autre."),
    "key_private": _("La clé privée de l’émetteur est publiée : elle ne prouve plus rien."),
    "key_type_mismatch": _("La clé n’est pas du genre que demande la signature."),
    "key_size_unsupported": _("La clé RSA de l’émetteur est trop courte ou trop longue."),
    "method_unreachable": _("La clé qui a signé n’a pas d’adresse où la lire."),
    "issuer_keys_unpublished": _(
        "L’émetteur ne publie pas ses clés : on ne sait pas si celle-ci est la sienne."
    ),
    # issuer
    "issuer": _("La clé est bien celle de l’émetteur."),
    "issuer_missing": _("Il ne dit pas qui l’a délivré."),
    "issuer_mismatch": _(
        "La clé qui a signé n’est pas celle de l’émetteur annoncé : quelqu’un d’autre a signé."
    ),
    "issuer_unproven": _("Sans signature juste, rien ne dit qui l’a délivré."),
    "controller_unsupported": _(
        "L’identité de l’émetteur est d’un genre qui n’est pas vérifié ici."
    ),
    "controller_unreadable": _("La page où l’émetteur publie ses clés n’est pas lisible."),
    "controller_mismatch": _("La page des clés est celle de quelqu’un d’autre."),
    "method_unlisted": _(
        "L’émetteur ne reconnaît pas la clé qui a signé : elle n’est pas parmi les siennes."
    ),
    "method_invalid": _("La signature ne dit pas de qui est la clé."),
    "method_not_for_assertion": _("La clé de l’émetteur n’est pas faite pour attester."),
    "key_invalid": _("La clé qui a signé n’est pas une clé valable."),
    "key_revoked": _(
        "L’émetteur a retiré la clé qui a signé : ce qu’elle a signé n’est plus cru. Il a pu "
        "le signer de nouveau : demandez à la personne son fichier d’aujourd’hui."
    ),
    "key_expired": _("La clé de l’émetteur a dépassé sa date."),
    "key_type_unsupported": _("La clé de l’émetteur est d’un genre qui n’est pas vérifié ici."),
    "did_invalid": _("L’identité de l’émetteur est mal écrite."),
    # dates
    "dates_until": _("Il est valable jusqu’au %(until)s."),
    "dates_from": _("Il est valable depuis le %(from)s, sans limite de durée."),
    "dates": _("Il est valable aujourd’hui."),
    "not_yet_valid": _("Il n’est pas encore valable : il le sera le %(from)s."),
    "expired": _("Il n’est plus valable depuis le %(until)s."),
    "date_invalid": _("Une de ses dates n’est pas écrite comme il faut."),
    # status
    "status": _("Il n’a été ni retiré ni suspendu."),
    "status_none": _("Rien n’est prévu pour le retirer."),
    "revoked": _("L’émetteur a retiré ce badge."),
    "suspended": _("L’émetteur a suspendu ce badge."),
    "status_entry": _("Il ne dit pas comme il faut où lire s’il a été retiré."),
    "status_index": _("Sa place n’existe pas dans la liste des badges retirés."),
    "status_size_unsupported": _(
        "La liste des badges retirés dit plus que oui ou non : elle n’est pas lue ici."
    ),
    "status_list_type": _("Ce qui a été trouvé à l’adresse de la liste n’en est pas une."),
    "status_list_encoding": _("La liste des badges retirés est abîmée."),
    "status_list_too_short": _(
        "La liste des badges retirés est trop courte : la norme demande 131 072 places, pour "
        "que la consulter ne désigne personne."
    ),
    "status_list_too_long": _("La liste des badges retirés est trop longue pour être lue."),
    "status_list_purpose": _("La liste consultée sert à autre chose qu’à retirer des badges."),
    "status_list_id": _("La liste consultée n’est pas celle qui était annoncée."),
    "too_many_statuses": _("Il renvoie à trop de listes de badges retirés."),
    "status_address": _("La liste des badges retirés n’a pas d’adresse où la lire."),
    "status_type_unsupported": _(
        "La liste des badges retirés est d’un genre qui n’est pas lu ici."
    ),
    "status_list_untrusted": _("La liste des badges retirés n’est pas signée comme il faut."),
    "status_list_issuer": _("La liste des badges retirés est celle de quelqu’un d’autre."),
    # recipient
    "recipient": _("Il a bien été délivré à la personne qui a cette adresse."),
    "recipient_unclaimed": _("Destinataire : non demandé."),
    "recipient_unnamed": _("Il ne dit pas à quelle adresse il a été délivré."),
    "recipient_mismatch": _("Il n’a pas été délivré à la personne qui a cette adresse."),
    # refresh, endorsements
    "refresh_none": _("Aucun renouvellement n’est prévu."),
    "refresh_same": _("L’émetteur n’en a pas de version plus récente."),
    "refresh_newer": _("L’émetteur en a une version plus récente (%(address)s)."),
    "endorsements_none": _("Personne d’autre que l’émetteur ne se porte garant de ce badge."),
    "endorsements": _(
        "Des soutiens lui sont joints, tels qu’ils ont été signés : %(names)s. Rien ne dit ici "
        "qui les a signés."
    ),
    "endorsements/published": _("Se portent aussi garants de ce badge : %(names)s."),
    "endorsements/posing": _(
        "Un soutien lui est joint, de qui se présente comme %(posing)s : aucun site ne "
        "répond de ce nom, et cette qualité n’est pas vérifiée."
    ),
    "endorsements/both": _(
        "Se portent aussi garants de ce badge : %(published)s. Un autre soutien est de qui se "
        "présente comme %(posing)s : aucun site ne répond de ce nom, et cette qualité n’est "
        "pas vérifiée."
    ),
    "refresh_unsupported": _("Son renouvellement est d’un genre qui n’est pas suivi ici."),
    "refresh_unreadable": _("À l’adresse de son renouvellement, rien n’est lisible."),
    "refresh_elsewhere": _("À l’adresse de son renouvellement, on trouve un autre badge."),
    "refresh_untrusted": _("Le badge trouvé à l’adresse de son renouvellement ne tient pas."),
    "too_many_endorsements": _("Il porte trop de soutiens pour les vérifier tous."),
    "endorsement_invalid": _("Un des soutiens qu’il porte n’en est pas un."),
    "endorsement_elsewhere": _("Un des soutiens qu’il porte parle d’autre chose que de lui."),
    "endorsement_wrong": _("Un des soutiens qu’il porte est faux ou a été changé."),
    "endorsement_unsure": _(
        "Un des soutiens qu’il porte n’a plus cours, ou n’a pas pu être vérifié ; le badge "
        "lui-même n’en dépend pas."
    ),
    # a presentation as a whole
    "presentation": _("Plusieurs badges réunis ont été trouvés dans ce que vous avez donné."),
    "presentation_shape": _("L’ensemble a la forme d’une présentation vérifiable."),
    "presentation_too_many": _("Il y a trop de badges dans cet ensemble : %(limit)s au plus."),
    "presentation_signature": _("L’ensemble est tel qu’il a été signé : rien n’y a été changé."),
    "presentation_unsigned": _(
        "Personne n’a signé l’ensemble : rien ne dit qui a réuni ces badges."
    ),
    "presentation_replayed": _("L’ensemble a été signé pour une autre occasion."),
    "method_not_for_authentication": _("La clé qui a signé l’ensemble n’est pas faite pour."),
    "presentation_holder": _("Qui présente l’ensemble l’a bien signé."),
    "presentation_holder_none": _("L’ensemble ne dit pas qui le présente."),
    "presentation_holder_mismatch": _("L’ensemble n’est pas signé par qui prétend le présenter."),
    "holder_held": _("Qui présente l’ensemble détient la clé de ce badge."),
    "holder_unshown": _(
        "Ce badge est lié à la clé d’une personne, et rien ne montre que qui présente "
        "l’ensemble la détient : demandez à cette personne de le présenter elle-même."
    ),
    "holder_is_issuer": _(
        "L’ensemble est signé par qui a délivré ce badge, non avec la clé de la personne qui "
        "l’a reçu : il ne dit pas qui le montre."
    ),
    "holder_unbound": _(
        "Ce badge n’est lié à aucune clé : l’ensemble ne dit pas si qui le présente l’a reçu."
    ),
    # fetching
    "busy": _(
        "D’autres vérifications attendent déjà la réponse d’autres sites : réessayez dans "
        "quelques secondes."
    ),
    "offline": _("Il faudrait le réseau pour le savoir (%(address)s)."),
    "fetch_refused": _("L’adresse à consulter n’est pas de celles où l’on va d’ici (%(address)s)."),
    "fetch_refused/private": _(
        "L’adresse à consulter mène dans un réseau privé, où l’on ne va pas d’ici (%(address)s)."
    ),
    "fetch_refused/elsewhere": _(
        "L’adresse à consulter renvoie vers un autre site, qui ne peut pas répondre à sa place "
        "(%(address)s)."
    ),
    "fetch_refused/malformed": _(
        "L’adresse à consulter n’est pas celle d’une page publique (%(address)s)."
    ),
    "fetch_failed": _("L’adresse à consulter n’a rien répondu d’utilisable (%(address)s)."),
    "fetch_failed/name": _(
        "Aucun site de ce nom n’a été trouvé : relisez l’adresse, ou réessayez plus tard "
        "(%(address)s)."
    ),
    "fetch_failed/absent": _(
        "Ce site répond qu’il n’y a rien, ou rien de public, à cette adresse (%(address)s)."
    ),
    "fetch_failed/slow": _("Ce site n’a pas répondu à temps : réessayez plus tard (%(address)s)."),
    "fetch_failed/long": _("Ce site a répondu trop long pour être un badge (%(address)s)."),
    "fetch_failed/many": _("Ce document renvoie à trop d’adresses : pas consultée."),
    "fetch_failed/late": _(
        "Le temps prévu pour cette vérification était passé : pas consultée (%(address)s)."
    ),
    "fetch_failed/key": _(
        "Notre lieu ne peut rien signer en ce moment : réessayez plus tard, ou prévenez l’équipe."
    ),
    "fetch_failed/ours": _(
        "Il n’y a rien de public à cette adresse de notre lieu : un badge qui s’y trouverait "
        "n’est pas partagé. Demandez à la personne le fichier de son badge, et déposez-le ici."
    ),
    "fetch_failed/person": _(
        "C’est la page d’une personne, qui montre plus de badges qu’il ne s’en vérifie en une "
        "fois : ouvrez-la, choisissez un badge et collez ici l’adresse de sa page."
    ),
    # open badges 2.0
    "shape_badge2": _("Il a la forme d’un Open Badge 2.0."),
    "shape_badge1": _("Il a la forme d’un Open Badge 1.0 ou 1.1, d’avant 2018."),
    "hosted": _("Il est publié à son adresse (%(address)s), tel que vous l’avez donné."),
    "hosted_differs": _(
        "À son adresse (%(address)s), l’émetteur publie autre chose : « %(member)s » a été changé."
    ),
    "hosted_gone": _("L’émetteur ne publie plus ce badge."),
    "hosted_out_of_scope": _(
        "L’émetteur ne publie pas de badges à cette adresse (%(address)s) : quelqu’un d’autre "
        "a pu l’écrire."
    ),
    "badge_mismatch": _(
        "À l’adresse de ce que le badge atteste (%(address)s), on trouve autre chose."
    ),
    "object_address": _("Ce qu’il faudrait consulter n’a pas d’adresse sur le web."),
    "object_in_clear": _(
        "Une partie du badge n’est publiée qu’en clair (%(address)s) : n’importe qui sur le "
        "chemin a pu la changer."
    ),
    "object_unreadable": _("Ce qui est publié à cette adresse n’est pas lisible (%(address)s)."),
    "badge1_unsupported": _(
        "C’est un badge d’avant Open Badges 1.0 (2013) : plus rien ne permet de le vérifier."
    ),
    "badge1_key": _(
        "Avant Open Badges 2.0, rien ne disait à qui est une clé : on ne sait pas si celle-ci "
        "est celle de l’émetteur."
    ),
    "revoked_reason": _("L’émetteur a retiré ce badge, pour cette raison : « %(reason)s »."),
    "fetch_gone": _("L’adresse répond que ce qui s’y trouvait a été retiré (%(address)s)."),
}
