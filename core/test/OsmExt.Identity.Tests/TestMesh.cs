using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using OsmExt.Sdk.Identity;

namespace OsmExt.Identity.Tests;

/// <summary>A root in memory, its authority, and a clock that stands still until told otherwise.</summary>
internal sealed class TestMesh : IDisposable
{
    public const string TrustDomain = "cluster.local";

    public TestMesh(FakeTimeProvider? time = null)
    {
        Time = time ?? NewTime();
        Root = RootCertificate.Create(Time.GetUtcNow());
        Authority = new(Root, TrustDomain, Time);
    }

    public static TimeSpan Day { get; } = TimeSpan.FromHours(24);

    public FakeTimeProvider Time { get; }

    public RootCertificate Root { get; }

    public CertificateAuthority Authority { get; }

    public DateTimeOffset Now => Time.GetUtcNow();

    // Not this year, so that whatever looks at the machine's clock fails.
    public static FakeTimeProvider NewTime() => new(new(2031, 3, 5, 7, 11, 13, TimeSpan.Zero));

    public static WorkloadIdentity Workload(string account = "bookstore", string ns = "shop", string trustDomain = TrustDomain)
        => new(trustDomain, ns, account);

    public static ProxyIdentity Proxy(string account = "bookstore", string ns = "shop", string trustDomain = TrustDomain)
        => new(new("5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11"), Workload(account, ns, trustDomain));

    public static X509Certificate2 Load(ProxyCertificate credential)
    {
        // A certificate whose key came from PEM is handed to TLS as it is on Unix.
        return X509Certificate2.CreateFromPem(credential.ChainPem, Text(credential.PrivateKeyPem));
    }

    public static string Text(SecretBytes secret) => System.Text.Encoding.ASCII.GetString(secret.Reveal().Span);

    public void Dispose() => Root.Dispose();
}
