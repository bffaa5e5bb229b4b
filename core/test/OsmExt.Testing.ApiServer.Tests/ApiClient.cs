using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Tests;

/// <summary>Somebody who speaks to a server over HTTP, as its kubeconfig says.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly HttpClient _client;

    public ApiClient(ApiServer server, string user = "admin")
    {
        var config = Json.Object(server.Kubeconfig(user));
        var entry = config.Objects("users").Single().Object("user")!;
        var authority = X509CertificateLoader.LoadCertificate(X509Certificate2.CreateFromPem(server.CertificateAuthority).RawData);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        var handler = new SocketsHttpHandler { UseProxy = false, SslOptions = { CertificateChainPolicy = policy, RemoteCertificateValidationCallback = (_, _, _, errors) => errors == SslPolicyErrors.None } };
        if (entry.Text("client-certificate-data") is { } certificate)
        {
            using var pem = X509Certificate2.CreateFromPem(Decoded(certificate), Decoded(entry.Text("client-key-data")!));
            handler.SslOptions.ClientCertificates = [X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null)];
        }

        _client = new(handler) { BaseAddress = server.Address };
        if (entry.Text("token") is { } token)
        {
            _client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        }
    }

    /// <param name="body">In YAML, which is sent as JSON.</param>
    public async Task<Reply> SendAsync(HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(Json.Of(body)!.ToJsonString(), Encoding.UTF8, MediaTypeHeaderValue.Parse(type));
        }

        using var response = await _client.SendAsync(request);
        var warnings = response.Headers.TryGetValues("Warning", out var values) ? values.ToArray() : [];
        return new((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject(), warnings);
    }

    public Task<Reply> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Reply> PostAsync(string path, string body) => SendAsync(HttpMethod.Post, path, body);

    public Task<Reply> PatchAsync(string path, string body, string type) => SendAsync(HttpMethod.Patch, path, body, type);

    public void Dispose() => _client.Dispose();

    private static string Decoded(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));
}

/// <summary>What the server answered.</summary>
internal sealed record Reply(int Code, JsonObject Body, IReadOnlyList<string> Warnings)
{
    public string Message => Body.Text("message") ?? "";

    public Reply Expect(int code)
    {
        Assert.True(Code == code, $"{Code}: {Body.ToJsonString()}");
        return this;
    }
}
