using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using OsmExt.Identity;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>What gateways outside the mesh are given, while hours and days pass: their certificate, and whom to believe.</summary>
public sealed class GatewaySecretTests : IDisposable
{
    private const string Gateway = "gateway.edge.cluster.local";
    private const string First = MeshRootCertificate.DefaultName;
    private const string Next = "root-b";
    private readonly MeshDirectory _mesh = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private string Secrets => Path.Combine(_mesh.State, "secrets");

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task The_certificate_is_replaced_before_it_ends_again_and_again()
    {
        Ask("24h");
        await using var plane = await RunningControlPlane.StartAsync(_mesh, _time);
        var current = await CertificateAsync(plane, _ => true);
        Assert.True(current.MatchesHostname(Gateway));
        // More than a third of the validity is left, wherever in its epoch it was issued.
        Assert.InRange(current.NotAfter - _time.GetUtcNow(), TimeSpan.FromHours(7), TimeSpan.FromHours(24));

        for (var round = 0; round < 3; round++)
        {
            using var old = current;
            while ((current = Read() ?? old).Thumbprint == old.Thumbprint)
            {
                Assert.True(_time.GetUtcNow() < old.NotAfter - TimeSpan.FromHours(4), "it is replaced long before it ends");
                await PassAsync(plane, TimeSpan.FromMinutes(20));
            }

            Assert.True(current.NotAfter > old.NotAfter);
            Assert.NotEqual(Convert.ToHexString(old.GetPublicKey()), Convert.ToHexString(current.GetPublicKey()));
        }

        current.Dispose();
    }

    [Fact]
    public async Task A_shorter_validity_in_the_MeshConfig_replaces_it_at_once_and_so_does_another_name()
    {
        Ask("24h");
        await using var plane = await RunningControlPlane.StartAsync(_mesh, _time);
        using var day = await CertificateAsync(plane, _ => true);

        Ask("1h");
        using var hour = await CertificateAsync(plane, certificate => certificate.Thumbprint != day.Thumbprint);
        Assert.InRange(hour.NotAfter - _time.GetUtcNow(), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1));
        Assert.True(hour.NotAfter < day.NotAfter);

        Ask("1h", "other.edge.cluster.local");
        using var other = await CertificateAsync(plane, certificate => certificate.Thumbprint != hour.Thumbprint);
        Assert.Equal((true, false), (other.MatchesHostname("other.edge.cluster.local"), other.MatchesHostname(Gateway)));

        _mesh.Write("00-mesh.yaml", Shop.Config());
        await UntilAsync(plane, () => !Directory.Exists(Path.Combine(Secrets, "edge", "gateway")));
    }

    [Fact]
    public async Task Both_roots_are_published_while_one_replaces_the_other_and_the_certificate_is_by_the_new_one()
    {
        Ask("24h");
        await using var plane = await RunningControlPlane.StartAsync(_mesh, _time, options => options.ReconnectGrace = TimeSpan.Zero);
        using var first = await CertificateAsync(plane, _ => true);
        var (roots, before) = (plane.Get<MeshRoots>(), Published());
        Assert.Equal(First, roots.IssuerOf(first));

        Write((First, "active"), (Next, "passive"));
        await UntilAsync(plane, () => Published().Length > before.Length);
        Assert.Equal(2, Roots().Count);
        Assert.Contains(before, Published(), StringComparison.Ordinal);
        Assert.Equal(first.Thumbprint, Read()!.Thumbprint);

        Write((First, "passive"), (Next, "active"));
        using var second = await CertificateAsync(plane, certificate => certificate.Thumbprint != first.Thumbprint);
        Assert.Equal(Next, roots.IssuerOf(second));
        Assert.Equal(2, Roots().Count);

        Write((Next, "active"));
        await UntilAsync(plane, () => Published() == roots.Find(Next)!.Pem);
        Assert.Equal(Published(), File.ReadAllText(Path.Combine(Secrets, "edge", "gateway", "ca.crt")));
        Assert.DoesNotContain("PRIVATE KEY", Published(), StringComparison.Ordinal);
    }

    private string Published() => File.ReadAllText(Path.Combine(Secrets, "osm-system", "osm-ca-roots", "ca.crt"));

    private X509Certificate2Collection Roots()
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(Published());
        return roots;
    }

    // Null while there is none, or between two files of one change.
    private X509Certificate2? Read()
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(Path.Combine(Secrets, "edge", "gateway", "tls.crt"), Path.Combine(Secrets, "edge", "gateway", "tls.key"));
        }
        catch (Exception failure) when (failure is IOException or System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }

    private async Task<X509Certificate2> CertificateAsync(RunningControlPlane plane, Func<X509Certificate2, bool> condition)
    {
        X509Certificate2? found = null;
        await UntilAsync(plane, () => (found = Read()) is not null && condition(found));
        return found!;
    }

    // Seconds of the control plane's clock pass, as far as anybody waits for them.
    private Task UntilAsync(RunningControlPlane plane, Func<bool> condition) => Wait.UntilAsync(async () =>
    {
        await PassAsync(plane, TimeSpan.FromSeconds(1));
        return condition();
    }, () => plane.Logs.Text);

    private async Task PassAsync(RunningControlPlane plane, TimeSpan time)
    {
        _time.Advance(time);
        await plane.SettledAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
    }

    private void Ask(string validity, string name = Gateway) => _mesh.Write("00-mesh.yaml", Shop.Config().Replace("certificate: {",
        $"certificate: {{ingressGateway: {{subjectAltNames: [{name}], validityDuration: {validity}, secret: {{name: gateway, namespace: edge}}}}, ", StringComparison.Ordinal));

    private void Write(params (string Name, string Role)[] roots) => _mesh.Write("roots.yaml", string.Join("\n---\n", roots.Select(root => $$"""
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshRootCertificate
        metadata: {name: {{root.Name}}, namespace: osm-system}
        spec:
          role: {{root.Role}}
          trustDomain: cluster.local
          provider: {tresor: {ca: {secretRef: {name: osm-ca-bundle, namespace: osm-system} } } }
        """)));
}
