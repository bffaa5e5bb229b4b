using System.Runtime.Versioning;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Microsoft.Extensions.Time.Testing;
using OsmExt.Envoy;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>What lasts: over a restart, and over the life of a certificate.</summary>
public sealed class RestartTests : IDisposable
{
    private static readonly UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly MeshDirectory _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData(Shop.Buyer)]
    [InlineData(Shop.Store1)]
    [InlineData("shop/till")]
    public async Task After_a_restart_a_delta_client_is_sent_nothing_it_has(string pod)
    {
        await using var first = await RunningControlPlane.StartAsync(_mesh);
        await using var before = await first.ConnectAsync(pod, "delta");
        await first.DisposeAsync();

        await using var second = await RunningControlPlane.StartAsync(_mesh);
        await using var after = await second.ConnectAsync(pod, "delta", before);

        // The first answer of a type has to come, but there is nothing in it.
        Assert.All(after.Log, line => Assert.Equal(3, line.Length));
        Assert.Equal(before.All(TypeUrls.Secret).Keys, after.All(TypeUrls.Secret).Keys);

        Assert.Equal(after.Log.Distinct(), after.Log);
    }

    [Fact]
    public async Task What_changed_or_went_while_the_control_plane_was_down_is_made_up_for()
    {
        await using var first = await RunningControlPlane.StartAsync(_mesh);
        await using var before = await first.ConnectAsync(Shop.Buyer, "delta");
        await first.DisposeAsync();
        _mesh.Delete("policy.yaml");

        await using var second = await RunningControlPlane.StartAsync(_mesh);
        await using var after = await second.ConnectAsync(Shop.Buyer, "delta", before);
        await after.UntilAsync(() => !after.All(TypeUrls.Cluster).ContainsKey("shop/store|8080"));

        Assert.True(after.IsComplete);
    }

    // The state of the world is always sent to a new stream; equal versions let the client see that it has it.
    [Fact]
    public async Task After_a_restart_a_state_of_the_world_client_gets_the_versions_it_has()
    {
        await using var first = await RunningControlPlane.StartAsync(_mesh);
        await using var before = await first.ConnectAsync(Shop.Store1, "sotw");
        await first.DisposeAsync();

        await using var second = await RunningControlPlane.StartAsync(_mesh);
        await using var after = await second.ConnectAsync(Shop.Store1, "sotw", before);
        foreach (var type in TypeUrls.PushOrder)
        {
            Assert.Equal(before.All(type).Select(held => (held.Key, held.Value.Version)), after.All(type).Select(held => (held.Key,
                held.Value.Version)));
        }
    }

    [Fact]
    public async Task A_certificate_is_replaced_before_it_ends_and_nothing_else_is_sent()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var plane = await RunningControlPlane.StartAsync(_mesh, time);
        await using var store1 = await plane.ConnectAsync(Shop.Store1, "delta");
        await using var store2 = await plane.ConnectAsync(Shop.Store2, "sotw");
        store1.ForgetLog();
        store2.ForgetLog();
        var old = Certificate(store1);

        while (store1.Log.Length == 0)
        {
            Assert.True(time.GetUtcNow() < old.NotAfter, "the certificate ended");
            time.Advance(TimeSpan.FromMinutes(30));
            await plane.SettledAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }

        await store2.UntilAsync(() => store2.Log.Length > 0);
        await plane.SettledAsync();
        Assert.Equal(["SDS service-cert:shop/store"], store1.Log);
        Assert.Equal(["SDS service-cert:shop/store"], store2.Log);
        var renewed = Certificate(store1);
        Assert.True(renewed.NotAfter > old.NotAfter);
        Assert.NotEqual(old.Key, renewed.Key);
        Assert.Equal(renewed, Certificate(store2));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task The_authority_is_made_once_and_for_its_owner_only()
    {
        await using (await RunningControlPlane.StartAsync(_mesh))
        {
        }

        var root = Path.Combine(_mesh.State, "ca", "root.crt");
        var made = await File.ReadAllTextAsync(root);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Path.Combine(_mesh.State, "ca", "root.key")));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(_mesh.State));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(_mesh.State, "ca")));

        await using (await RunningControlPlane.StartAsync(_mesh))
        {
        }

        Assert.Equal(made, await File.ReadAllTextAsync(root));
    }

    private static (DateTimeOffset NotAfter, string Key) Certificate(TestProxy proxy)
    {
        var secret = ((Secret)proxy.All(TypeUrls.Secret).Values.Single(held => held.Name.StartsWith("service-cert:",
            StringComparison.Ordinal)).Message).TlsCertificate;
        using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(secret.CertificateChain.InlineString);
        return (certificate.NotAfter.ToUniversalTime(), secret.PrivateKey.InlineBytes.ToStringUtf8());
    }
}
