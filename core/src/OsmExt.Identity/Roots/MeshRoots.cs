using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using OsmExt.Identity.Roots;

namespace OsmExt.Identity;

/// <summary>
/// The roots of a mesh, each with a key of its own, and which of them does what. A root is made when it
/// is first needed. What is in force is written down before it is, so that a restart goes on where the last process stopped.
/// </summary>
internal sealed class MeshRoots : IDisposable
{
    private readonly IRootStore _store;
    private readonly ConcurrentDictionary<string, RootCertificate> _roots = new(StringComparer.Ordinal);

    private MeshRoots(IRootStore store, string trustDomain, TimeProvider time)
    {
        _store = store;
        State = store.Read(trustDomain) ?? RootState.Initial(trustDomain);
        Authority = new(InUse(State), trustDomain, time);
    }

    /// <summary>What is in force.</summary>
    public RootState State { get; private set; }

    /// <summary>Issues by what is in force.</summary>
    public CertificateAuthority Authority { get; }

    /// <exception cref="CertificateAuthorityException">Says which file and what to do.</exception>
    public static MeshRoots Open(string stateDirectory, string trustDomain, TimeProvider time, ILogger<CaDirectory> logger)
        => Open(new RootDirectory(stateDirectory, time, logger), trustDomain, time);

    /// <exception cref="CertificateAuthorityException">Says what and what to do.</exception>
    public static MeshRoots Open(IRootStore store, string trustDomain, TimeProvider time) => new(store, trustDomain, time);

    /// <summary>Puts a state in force.</summary>
    /// <exception cref="CertificateAuthorityException">A root cannot be read or made; everything stays as it is.</exception>
    public void Apply(RootState next)
    {
        var roots = InUse(next);
        _store.Write(next);
        State = next;
        Authority.Use(roots);
    }

    /// <summary>Follows a state that another process has put in force.</summary>
    /// <exception cref="CertificateAuthorityException">A root cannot be read; everything stays as it is.</exception>
    public void Follow(RootState next)
    {
        var roots = InUse(next);
        State = next;
        Authority.Use(roots);
    }

    /// <summary>A root that does something or did since the process started; null otherwise.</summary>
    public RootCertificate? Find(string name) => _roots.GetValueOrDefault(name);

    /// <summary>The names of the roots in a bundle.</summary>
    public IEnumerable<string> NamesIn(string bundlePem)
        => _roots.Where(root => bundlePem.Contains(root.Value.Pem, StringComparison.Ordinal)).Select(root => root.Key);

    /// <summary>The name of the root that a certificate says has issued it; null when it is none of ours.</summary>
    public string? IssuerOf(X509Certificate2 certificate)
        => _roots.Where(root => root.Value.IsIssuerOf(certificate)).Select(root => root.Key).FirstOrDefault();

    public void Dispose()
    {
        foreach (var root in _roots.Values)
        {
            root.Dispose();
        }
    }

    private RootsInUse InUse(RootState state) => new(
        Get(state.Signing), [.. state.Trusted.Select(Get)], Get(state.XdsServer), [.. state.XdsTrusted.Select(Get)], state.Domains);

    private RootCertificate Get(string name) => _roots.GetOrAdd(name, static (name, self) => self.Load(name), this);

    private RootCertificate Load(string name)
        => DnsNames.IsName(name) ? _store.LoadOrCreate(name) : throw new ArgumentException($"'{name}' is no name of a root.", nameof(name));
}
