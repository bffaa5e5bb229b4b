namespace OsmExt.Demo.Mesh;

/// <summary>The manifests that the mesh follows. Every change is atomic: a file is there as a whole, old or new.</summary>
internal sealed class MeshFiles(DemoOptions options)
{
    /// <summary>Begins with what the repository has.</summary>
    public void Reset()
    {
        foreach (var directory in (string[])[options.Mesh, options.Logs])
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }

            Directory.CreateDirectory(directory);
        }

        foreach (var file in Directory.EnumerateFiles(options.Original, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Join(options.Mesh, Path.GetRelativePath(options.Original, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>Puts one of the repository's step files in a policy file's place, or removes that file. Returns when.</summary>
    /// <param name="target">Named from the mesh's directory.</param>
    /// <param name="step">Named from the directory of steps; null removes the target.</param>
    public DateTimeOffset Put(string target, string? step)
    {
        var path = Path.Join(options.Mesh, target);
        var next = Path.Join(options.Work, "next.yaml");
        if (step is not null)
        {
            File.Copy(Path.Join(options.Steps, step), next, overwrite: true);
        }

        var now = TimeProvider.System.GetUtcNow();
        if (step is null)
        {
            File.Delete(path);
        }
        else
        {
            File.Move(next, path, overwrite: true);
        }

        return now;
    }
}
