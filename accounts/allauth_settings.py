"""How django-allauth is set up; dropbox_clone/settings.py takes all of it.

Who may sign up is settings.SIGNUP, which `accounts.adapter.AccountAdapter` checks for every request.
"""

from typing import Any


def allauth_settings(*, https: bool) -> dict[str, Any]:
    """Django settings by name. Without https, browsers allow passkeys only on localhost."""
    return {
        "ACCOUNT_ADAPTER": "accounts.adapter.AccountAdapter",
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
        "ACCOUNT_UNIQUE_EMAIL": True,
        "ACCOUNT_PREVENT_ENUMERATION": True,
        "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": False,
        "ACCOUNT_EMAIL_NOTIFICATIONS": True,
        "ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS": 2,
        "ACCOUNT_CONFIRM_EMAIL_ON_GET": False,
        "ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION": False,
        "ACCOUNT_LOGIN_ON_PASSWORD_RESET": False,
        "ACCOUNT_LOGOUT_ON_GET": False,
        "ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE": False,
        "ACCOUNT_REAUTHENTICATION_REQUIRED": True,
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": 0,  # the adapter decides
        "ACCOUNT_SESSION_REMEMBER": True,
        "ACCOUNT_CHANGE_EMAIL": True,
        "ACCOUNT_EMAIL_SUBJECT_PREFIX": "",
        # Requests that send mail or make rows. Guesses need a permit of accounts.throttle, which counts in the
        # database; these count in the cache, so per process in the embedded shape. Nothing that signs people in is
        # among them: many share an address, and one of them could shut all others out.
        "ACCOUNT_RATE_LIMITS": {
            "login": None,
            "login_failed": None,
            "signup": "60/m/ip",
            "reset_password": "60/m/ip,3/m/key",
            "reset_password_from_key": None,
            "change_password": None,
            "manage_email": "10/m/user",
            "reauthenticate": None,
            "confirm_email": "1/3m/key",
        },
        "ACCOUNT_FORMS": {
            "change_password": "accounts.password_forms.OwnChangePasswordForm",
            "reset_password": "accounts.password_forms.OwnResetPasswordForm",
            "reset_password_from_key": "accounts.password_forms.OwnResetPasswordKeyForm",
            "set_password": "accounts.password_forms.OwnSetPasswordForm",
            "user_token": "accounts.password_forms.OwnUserTokenForm",
        },
        "ACCOUNT_SIGNUP_FORM_CLASS": "accounts.signup_form.SignupExtraForm",
        "MFA_ADAPTER": "accounts.adapter.SecondFactorAdapter",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_PASSKEY_SIGNUP_ENABLED": False,
        "MFA_RECOVERY_CODES_SHOW_ONCE": False,
        "MFA_TOTP_TOLERANCE": 1,
        "MFA_FORMS": {
            "authenticate": "accounts.second_factor_forms.OwnAuthenticateForm",
            "reauthenticate": "accounts.second_factor_forms.OwnReauthenticateForm",
            "login_webauthn": "accounts.second_factor_forms.PasskeyLoginForm",
            "authenticate_webauthn": "accounts.second_factor_forms.PasskeyAuthenticateForm",
            "reauthenticate_webauthn": "accounts.second_factor_forms.PasskeyReauthenticateForm",
        },
        "MFA_RATE_LIMITS": {"webauthn_login": None},
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": not https,
        "ACCOUNT_DEFAULT_HTTP_PROTOCOL": "https" if https else "http",
    }
