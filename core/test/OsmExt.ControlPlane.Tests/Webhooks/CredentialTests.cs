using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using OsmExt.Identity;
using OsmExt.Kubernetes.Injection;

namespace OsmExt.ControlPlane.Tests.Webhooks;

/// <summary>Who gets which credential, and who none.</summary>
public sealed class CredentialTests : IAsyncLifetime
{
    private WebhookCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await WebhookCluster.StartAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_pod_gets_the_credential_of_its_own_identity_and_the_xds_port_takes_it()
    {
        var pod = await _cluster.PodAsync("cart", "carter");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        var (status, answer) = await _cluster.CredentialAsync(await _cluster.TokenAsync("carter", pod), SigningRequest.Of(key));

        Assert.Equal(HttpStatusCode.OK, status);
        var label = (string)pod["metadata"]!["labels"]![WellKnown.ProxyUuid]!;
        Assert.Equal($"spiffe://cluster.local/{label}/sidecar/carter/shop", (string?)answer!["identity"]);
        using var certificate = X509Certificate2.CreateFromPem((string)answer["certificate"]!, key.ExportPkcs8PrivateKeyPem());
        Assert.InRange(certificate.NotAfter - certificate.NotBefore, TimeSpan.FromHours(24), TimeSpan.FromHours(25));
        await using var proxy = new Testing.Xds.TestProxy(_cluster.Plane.Client(certificate, _cluster.Plane.IdentityOf("shop/cart").NodeId), "delta", null);
        await proxy.UntilAsync(() => proxy.IsComplete);
    }

    [Fact]
    public async Task Names_and_extensions_of_a_request_mean_nothing()
    {
        var pod = await _cluster.PodAsync("cart", "carter");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ads.cluster.local, O=system:masters", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new("spiffe://cluster.local/till/shop"));
        names.AddUri(new("spiffe://cluster.local/ads"));
        names.AddDnsName("*.shop.svc");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(LeafProfile.ServerAuthentication)], true));

        var (status, answer) = await _cluster.CredentialAsync(await _cluster.TokenAsync("carter", pod), request.CreateSigningRequest());

        Assert.Equal(HttpStatusCode.OK, status);
        using var certificate = X509Certificate2.CreateFromPem((string)answer!["certificate"]!);
        Assert.True(SubjectAlternativeNames.TryReadUris(certificate, out var uris));
        Assert.Equal((string?)answer["identity"], Assert.Single(uris.ToArray()));
        Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.Equal([LeafProfile.ClientAuthentication], certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Select(usage => usage.Value));
        Assert.DoesNotContain("masters", certificate.Subject, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rsa")]
    [InlineData("p384")]
    [InlineData("signature")]
    [InlineData("tail")]
    [InlineData("noise")]
    public async Task A_request_that_is_none_or_for_another_kind_of_key_is_refused(string what)
    {
        var pod = await _cluster.PodAsync("cart", "carter");
        using var rsa = RSA.Create(2048);
        using var large = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = what switch
        {
            "rsa" => new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest(),
            "p384" => SigningRequest.Of(large),
            "noise" => Encoding.ASCII.GetBytes("-----BEGIN CERTIFICATE REQUEST-----"),
            _ => SigningRequest.Of(key),
        };
        request = what == "tail" ? [.. request, 0] : request;
        request[^1] ^= (byte)(what == "signature" ? 1 : 0);

        Assert.Equal(HttpStatusCode.BadRequest, (await _cluster.CredentialAsync(await _cluster.TokenAsync("carter", pod), request)).Status);
    }

    [Fact]
    public async Task A_token_gives_only_the_identity_of_the_pod_it_is_bound_to()
    {
        var cart = await _cluster.PodAsync("cart", "carter");
        var till = await _cluster.PodAsync("till", "teller");

        // For another audience, bound to no pod, of an account for a pod of another's, changed by hand, none at all.
        Assert.Equal(HttpStatusCode.Unauthorized, (await _cluster.CredentialAsync(await _cluster.TokenAsync("carter", cart, "https://kubernetes.default.svc"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _cluster.CredentialAsync(await _cluster.TokenAsync("carter", null))).Status);
        var good = await _cluster.TokenAsync("carter", cart);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _cluster.CredentialAsync(Forged(good, (string)till["metadata"]!["name"]!))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _cluster.CredentialAsync("")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _cluster.CredentialAsync("a.b.c")).Status);
        Assert.Contains("/carter/shop", (string?)(await _cluster.CredentialAsync(good)).Answer!["identity"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_pod_its_token_ends()
    {
        var pod = await _cluster.PodAsync("cart", "carter");
        var token = await _cluster.TokenAsync("carter", pod);
        Assert.Equal(HttpStatusCode.OK, (await _cluster.CredentialAsync(token)).Status);

        await _cluster.Cluster.DeleteAsync("v1", "Pod", "shop", "cart");
        Assert.Equal(HttpStatusCode.Unauthorized, (await _cluster.CredentialAsync(token)).Status);

        // One of the same name is another.
        var next = await _cluster.PodAsync("cart", "carter");
        Assert.Equal(HttpStatusCode.Unauthorized, (await _cluster.CredentialAsync(token)).Status);
        Assert.NotEqual((string?)pod["metadata"]!["labels"]![WellKnown.ProxyUuid], (string?)next["metadata"]!["labels"]![WellKnown.ProxyUuid]);
    }

    [Fact]
    public async Task A_token_from_another_address_is_refused_and_one_from_none_is_asked_to_wait()
    {
        var stolen = await _cluster.PodAsync("cart", "carter", "10.9.9.9");
        var (status, answer) = await _cluster.CredentialAsync(await _cluster.TokenAsync("carter", stolen));
        Assert.Equal((HttpStatusCode.Forbidden, "the token is another address's"), (status, (string?)answer!["reason"]));

        var early = await _cluster.PodAsync("till", "teller", "");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _cluster.CredentialAsync(await _cluster.TokenAsync("teller", early))).Status);
    }

    [Fact]
    public async Task A_copied_label_gives_nobody_another_s_identity()
    {
        var cart = await _cluster.PodAsync("cart", "carter");
        var thief = await _cluster.PodAsync("thief", "thief");
        var label = (string)cart["metadata"]!["labels"]![WellKnown.ProxyUuid]!;
        await _cluster.Cluster.Client.AskAsync(
            new("patch", "pods", "api/v1/namespaces/shop/pods/thief")
            {
                ContentType = "application/merge-patch+json", Body = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [WellKnown.ProxyUuid] = label } } },
            },
            CancellationToken.None);
        await Running.Wait.UntilAsync(() => _cluster.Plane.IdentityOf("shop/thief").Uuid.ToString() == label, () => _cluster.Plane.Logs.Text);

        var (_, answer) = await _cluster.CredentialAsync(await _cluster.TokenAsync("thief", thief));

        Assert.Equal($"spiffe://cluster.local/{label}/sidecar/thief/shop", (string?)answer!["identity"]);
    }

    [Fact]
    public async Task Every_copy_of_a_pod_is_another_proxy()
    {
        var pod = await _cluster.PodAsync("cart", "carter");
        var copy = (JsonObject)pod.DeepClone();
        copy["metadata"] = new JsonObject { ["name"] = "cart-debug", ["namespace"] = "shop", ["labels"] = pod["metadata"]!["labels"]!.DeepClone() };

        var made = await _cluster.Cluster.ApplyAsync(copy);

        Assert.NotEqual((string?)pod["metadata"]!["labels"]![WellKnown.ProxyUuid], (string?)made["metadata"]!["labels"]![WellKnown.ProxyUuid]);
        Assert.True(JsonNode.DeepEquals(pod["spec"], made["spec"]));
    }

    private static string Forged(string token, string pod)
    {
        var parts = token.Split('.');
        var claims = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]))!;
        claims["kubernetes.io"]!["pod"]!["name"] = pod;
        return $"{parts[0]}.{System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}.{parts[2]}";
    }
}
