using System.Security.Cryptography;
using OsmExt.PluginHost.Loading;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.PluginHost.Tests;

public sealed class SignatureTests : IDisposable
{
    private readonly PluginFolder _folder = new PluginFolder().Write();
    private readonly ECDsa _publisher = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _folder.Dispose();
        _publisher.Dispose();
        _stranger.Dispose();
    }

    [Fact]
    public void A_signed_plugin_is_loaded_and_its_digest_is_the_same_as_before()
    {
        var before = Digest;
        Sign(_publisher);

        Assert.Equal(before, Digest);
        Assert.Empty(Require().Load().Diagnostics);
        Assert.Single(_folder.Load().Plugins);
    }

    [Fact]
    public void Without_a_signature_it_is_refused_where_one_is_required_and_only_there()
    {
        Assert.Contains("It is not signed, and the operator's policy requires a signature by release", Refusal(Require()), StringComparison.Ordinal);
        Assert.Single(Require(required: false).Load().Plugins);
    }

    [Fact]
    public void A_signature_that_does_not_count_is_refused_even_where_none_is_required()
    {
        Sign(_stranger);
        Assert.Contains("is none of these files by release", Refusal(Require(required: false)), StringComparison.Ordinal);

        File.WriteAllText(SignatureFile, "no base64!");
        Assert.Contains("is none of these files by release", Refusal(Require()), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_changed_after_signing_are_refused_and_what_was_signed_stays_in_force()
    {
        Sign(_publisher);
        var before = Require().Load();

        var after = _folder.Write(template: PluginFolder.Template + "# changed").Load(before);

        Assert.Same(before.Plugins[0], Assert.Single(after.Plugins));
        Assert.Contains(after.Diagnostics, finding => finding.Code == DiagnosticCodes.LastGoodKept);
        Assert.Contains(after.Diagnostics, finding => finding.Message.Contains("is none of these files", StringComparison.Ordinal));
        Assert.Empty(_folder.Load().Plugins);
    }

    [Fact]
    public void What_runs_and_is_not_signed_ends_when_signatures_are_required()
    {
        var before = _folder.Load();

        Assert.Empty(Require().Load(before).Plugins);
    }

    [Fact]
    public void A_signature_that_came_later_counts_for_what_runs_when_its_files_are_spoiled()
    {
        var unsigned = _folder.Load();
        Sign(_stranger);
        var signed = Require(key: _stranger).Load(unsigned);
        Sign(_publisher);
        var anew = Require().Load(signed);

        var spoiled = _folder.Write(template: PluginFolder.Template + "# changed").Load(anew);

        Assert.Same(unsigned.Plugins[0], Assert.Single(signed.Plugins));
        Assert.Same(unsigned.Plugins[0], Assert.Single(anew.Plugins));
        Assert.Same(unsigned.Plugins[0], Assert.Single(spoiled.Plugins));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_version_comes_back_only_if_the_policy_still_allows_it(bool isRevoked)
    {
        var manifest = PluginFolder.Manifest.Replace("failure: open", "failure: closed", StringComparison.Ordinal);
        _folder.Write(manifest: manifest);
        Sign(_publisher);
        var before = Require().Load();
        _folder.Write(manifest: manifest, template: PluginFolder.Template + "# changed");
        Sign(isRevoked ? _stranger : _publisher);
        var next = Require(key: isRevoked ? _stranger : _publisher).Load(before);
        Assert.NotSame(before.Plugins[0], Assert.Single(next.Plugins));

        var after = next.Instead(next.Loads[0], before.Plugins[0], []);

        Assert.Equal(isRevoked ? [] : before.Plugins, after.Plugins);
        Assert.Equal(isRevoked, PluginFolder.Contribute(after, PluginFolder.Script("a", "{}")).For(PluginFolder.Scope()).Held is not null);
        Assert.Contains(after.Diagnostics, finding => finding.Code == (isRevoked ? DiagnosticCodes.PluginNotLoaded : DiagnosticCodes.LastGoodKept));
    }

    [Fact]
    public void Names_that_make_the_digest_ambiguous_are_refused()
    {
        File.WriteAllText(Path.Combine(_folder.Root, "lua", "a\n0\nb"), "");

        Assert.Contains("\"a?0?b\" holds a control character", Refusal(_folder), StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_without_keys_that_count_lets_nothing_in()
    {
        Assert.Empty(_folder.Policy("requireSignature: true").Load().Plugins);
        Assert.Contains("no public EC key on P-256", Refusal(_folder.Policy("trustedKeys: [{name: release, publicKey: nonsense}]")), StringComparison.Ordinal);
        var secret = Refusal(_folder.Policy($"trustedKeys:\n- name: release\n  publicKey: |\n    {_publisher.ExportPkcs8PrivateKeyPem().Replace("\n", "\n    ", StringComparison.Ordinal)}\n"));
        Assert.Contains("no public EC key on P-256", secret, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", secret, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_private_keys_on_the_curve_sign()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        foreach (var key in new[] { "nonsense", other.ExportPkcs8PrivateKeyPem(), _publisher.ExportSubjectPublicKeyInfoPem(), _publisher.ExportEncryptedPkcs8PrivateKeyPem("secret", new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1)) })
        {
            Assert.Contains("expected", Assert.Throws<CryptographicException>(() => PluginSignature.Sign(key, "sha256:0")).Message, StringComparison.Ordinal);
        }
    }

    private string Digest => PluginFiles.Read(Path.Combine(_folder.Root, "lua")).Digest;

    private string SignatureFile => Path.Combine(_folder.Root, "lua", PluginSignature.FileName);

    private void Sign(ECDsa key) => File.WriteAllText(SignatureFile, PluginSignature.Sign(key.ExportPkcs8PrivateKeyPem(), Digest));

    private PluginFolder Require(bool required = true, ECDsa? key = null) => _folder.Policy($"""
        requireSignature: {(required ? "true" : "false")}
        trustedKeys:
        - name: release
          publicKey: |
            {(key ?? _publisher).ExportSubjectPublicKeyInfoPem().Replace("\n", "\n    ", StringComparison.Ordinal)}
        """);

    private static string Refusal(PluginFolder folder)
    {
        var set = folder.Load();
        Assert.Empty(set.Plugins);
        return Assert.Single(set.Diagnostics).Message;
    }
}
