using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OsmExt.Identity.Files;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Manifests;

namespace OsmExt.ControlPlane.Plugins;

/// <summary>
/// Keeps roll-outs in the state directory, with the files of the versions before, so that a control plane that starts again goes on where it
/// was: <c>ID/rollout.json</c> and <c>ID/before.DIGEST/</c>, which is there before the record says so and goes after it does no
/// longer. Trust is not kept: what is read again is verified like any plugin.
/// </summary>
internal sealed class RolloutRecords(string directory, TimeProvider time)
{
    private const string RecordFile = "rollout.json";
    private IReadOnlyList<Rollout>? _saved;

    /// <summary>Writes what has changed since the last time.</summary>
    public void Save(IReadOnlyList<Rollout> rollouts)
    {
        if (ReferenceEquals(rollouts, _saved))
        {
            return;
        }

        foreach (var rollout in rollouts)
        {
            var folder = Path.Combine(directory, rollout.Id);
            Directory.CreateDirectory(folder);
            var record = new RolloutRecord(rollout.Digest, rollout.Before.Digest, $"{rollout.Plan}", rollout.Step, rollout.Fault);
            var before = BeforeOf(folder, record);
            if (!Directory.Exists(before))
            {
                Add(before, rollout.Before.Files);
            }

            FileExchange.Replace(Path.Combine(folder, RecordFile), JsonSerializer.SerializeToUtf8Bytes(record));
            foreach (var other in Directory.EnumerateDirectories(folder).Where(other => other != before).ToArray())
            {
                Directory.Delete(other, recursive: true);
            }
        }

        foreach (var gone in Directory.Exists(directory) ? Directory.EnumerateDirectories(directory).Where(folder => rollouts.All(rollout => rollout.Id != Path.GetFileName(folder))).ToArray() : [])
        {
            Directory.Delete(gone, recursive: true);
        }

        _saved = rollouts;
    }

    /// <summary>The roll-outs that were going on, by the plugin's id, with the versions before; those whose files do not fit any longer are not among them.</summary>
    /// <param name="policy">What the operator allows.</param>
    public IReadOnlyDictionary<string, (RolloutRecord Record, LoadedPlugin Before)> Load(PluginPolicy policy)
    {
        var found = new Dictionary<string, (RolloutRecord, LoadedPlugin)>(StringComparer.Ordinal);
        foreach (var folder in Directory.Exists(directory) ? Directory.EnumerateDirectories(directory).Order(StringComparer.Ordinal).ToArray() : [])
        {
            if (Read(folder) is { } record && new PluginLoader(policy, time).Load(BeforeOf(folder, record)).Plugin is { } before)
            {
                if (before.Digest == record.Before && before.Id == Path.GetFileName(folder))
                {
                    found[before.Id] = (record, before);
                }
                else
                {
                    before.Dispose();
                }
            }
        }

        return found;
    }

    private static string BeforeOf(string folder, RolloutRecord record)
        => Path.Combine(folder, $"before.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(record.Before)).AsSpan(0, 8))}");

    private static void Add(string folder, PluginFiles files)
    {
        var unfinished = folder + FileExchange.Unfinished;
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        Directory.CreateDirectory(unfinished);
        files.CopyTo(unfinished);
        if (files.Signature is { } signature)
        {
            File.WriteAllText(Path.Combine(unfinished, PluginSignature.FileName), signature);
        }

        Directory.Move(unfinished, folder);
    }

    private static RolloutRecord? Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<RolloutRecord>(File.ReadAllText(Path.Combine(folder, RecordFile)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>What is kept of a roll-out.</summary>
/// <param name="Digest">Of the new version.</param>
/// <param name="Before">Of the version before.</param>
/// <param name="Plan">The plan, in words: another one begins anew.</param>
/// <param name="Step">The step it is at.</param>
/// <param name="Fault">Why it was taken back; null when it was not.</param>
internal sealed record RolloutRecord(string Digest, string Before, string Plan, int Step, string? Fault);
