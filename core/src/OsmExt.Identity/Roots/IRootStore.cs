namespace OsmExt.Identity.Roots;

/// <summary>Where a mesh's roots are kept, and which of them does what.</summary>
internal interface IRootStore
{
    /// <summary>A root. Made when it is not there; of several processes that make it at once all get the same.</summary>
    /// <exception cref="CertificateAuthorityException">Says where and what to do.</exception>
    RootCertificate LoadOrCreate(string name);

    /// <summary>What was written last; null when nothing has been.</summary>
    /// <param name="firstTrustDomain">The trust domain of a state that names none.</param>
    /// <exception cref="CertificateAuthorityException">Says where and what to do.</exception>
    RootState? Read(string firstTrustDomain);

    /// <exception cref="CertificateAuthorityException">It is not written.</exception>
    void Write(RootState state);
}
