namespace OsmExt.Identity;

/// <summary>What is wrong with the certificate authority.</summary>
internal enum CertificateAuthorityError
{
    /// <summary>The state directory cannot be made, or not be written to.</summary>
    CannotCreate,

    /// <summary>A file exists but cannot be read.</summary>
    Unreadable,

    /// <summary>One of the two files is missing.</summary>
    Incomplete,

    /// <summary>Others than the owner may read the key, or change the directory it is in.</summary>
    KeyExposed,

    /// <summary>A file does not hold the PEM it should.</summary>
    InvalidPem,

    /// <summary>A key of a kind we do not sign with.</summary>
    UnsupportedKey,

    /// <summary>The key belongs to another certificate.</summary>
    KeyMismatch,

    /// <summary>The certificate may not issue others, or is not a root.</summary>
    NotACertificateAuthority,

    /// <summary>The root's validity is over.</summary>
    RootExpired,

    /// <summary>The root's validity has not begun; somebody's clock is wrong.</summary>
    RootNotYetValid,

    /// <summary>A certificate is needed, and none could be issued.</summary>
    NotIssued,
}

/// <summary>The environment keeps us from issuing certificates. The message names the file and what to do, never a key.</summary>
internal sealed class CertificateAuthorityException(CertificateAuthorityError error, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public CertificateAuthorityError Error { get; } = error;
}
